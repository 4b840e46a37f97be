"""`ghostsync run`: one cycle after another, for months.

what wakes it       inbox.py; watcher.py and inotify.py (files), http_port.py, listener.py and hooks.py (Ghost),
                    schedule.py (the clock), pulse.py (a machine that slept), control.py (other commands)
what it does        idle.py decides whether a cycle is needed; runner.py is the loop
what it tells       health.py keeps how things stand; telling.py and log.py the log (forms.py: its forms);
                    notify.py the service manager; metrics.py Prometheus; alerts.py a person
how it fits         service.py puts one folder's together; process.py several, the signals and the pulse
"""
