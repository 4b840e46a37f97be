// Milliseconds that Ghost's own converters take, the median of several times.
//
//   node ghost_converters.js GHOST_HOME   stdin: {"html": "...", "lexical": "..."}; stdout: {"toLexical": ms, "toHtml": ms}
'use strict';

const {createRequire} = require('module');
const fs = require('fs');
const path = require('path');

const ofGhost = createRequire(path.join(fs.realpathSync(process.argv[2]), 'package.json'));
const {htmlToLexical} = ofGhost('@tryghost/kg-html-to-lexical');
const {LexicalHTMLRenderer} = ofGhost('@tryghost/kg-lexical-html-renderer');
const {DEFAULT_NODES} = createRequire(fs.realpathSync(ofGhost.resolve('@tryghost/kg-lexical-html-renderer')))('@tryghost/kg-default-nodes');

async function median(work) {
    const taken = [];
    for (let count = 0; count < 15; count += 1) {
        const start = process.hrtime.bigint();
        await work();
        taken.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
    return taken.sort((a, b) => a - b)[7];
}

(async () => {
    const {html, lexical} = JSON.parse(fs.readFileSync(0, 'utf8'));
    const renderer = new LexicalHTMLRenderer({nodes: DEFAULT_NODES});
    process.stdout.write(JSON.stringify({
        toLexical: await median(() => htmlToLexical(html)),
        toHtml: await median(() => renderer.render(lexical))
    }));
})();
