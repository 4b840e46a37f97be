"""`ghostsync run`: one cycle after another, for months.

inbox.py     what wakes the loop: hints, the clock, signals
schedule.py  how long until the next look at Ghost
watcher.py   turns file-system events into hints
runner.py    the loop itself, and what it tells
log.py       how it tells it; forms.py names the forms
service.py   puts them together for one open session
"""
