// Ghost's own Lexical without a browser, from an installed Ghost: what its editor does to a document.
//
//   node editor.js GHOST_HOME resave   stdin: JSON list of Lexical texts; stdout: the same as the editor saves them
//   node editor.js GHOST_HOME dom      stdin: JSON list of HTML; stdout: for each the tree that a browser builds
//   node editor.js GHOST_HOME nodes    stdout: {type: {property: default}} of every node that Ghost registers
//
// Saving is parsing, the editor's default transforms (adjacent lists merge, alignment goes), the nested editors of
// captions, callouts and toggles, the blank paragraph after a last card, and serialising.
'use strict';

const {createRequire} = require('module');
const fs = require('fs');
const path = require('path');

const [home, task] = process.argv.slice(2);
const ofGhost = createRequire(path.join(fs.realpathSync(home), 'package.json'));
const rendererMain = fs.realpathSync(ofGhost.resolve('@tryghost/kg-lexical-html-renderer'));
const need = createRequire(rendererMain);
const converter = createRequire(fs.realpathSync(ofGhost.resolve('@tryghost/kg-html-to-lexical')));

const {createHeadlessEditor} = need('@lexical/headless');
const {HeadingNode, QuoteNode} = need('@lexical/rich-text');
const {ListNode, ListItemNode} = need('@lexical/list');
const {LinkNode} = need('@lexical/link');
const {$getRoot, $createParagraphNode, $isDecoratorNode, $isElementNode, $isTextNode} = need('lexical');
const kg = need('@tryghost/kg-default-nodes');
const {registerDefaultTransforms} = need('@tryghost/kg-default-transforms');
const {$generateNodesFromDOM, $generateHtmlFromNodes} = converter('@lexical/html');
const {JSDOM} = need('jsdom');

const NODES = [HeadingNode, QuoteNode, ListNode, ListItemNode, LinkNode, ...kg.DEFAULT_NODES];

const RICH = {
    image: ['caption'], codeblock: ['caption'], bookmark: ['caption'], gallery: ['caption'], embed: ['caption'],
    video: ['caption'], callout: ['calloutText'], toggle: ['heading', 'content']
};
const KEEPS_PARAGRAPHS = new Set(['callout calloutText', 'toggle content']);

function newEditor() {
    return createHeadlessEditor({nodes: NODES, onError: (error) => { throw error; }});
}

// A nested editor takes the HTML in when the card is shown, and writes it anew when the document is saved.
function throughNestedEditor(html, keepsParagraphs) {
    if (!html) {
        return html;
    }
    const {window} = new JSDOM(`<body>${html}</body>`);
    const hidden = ['window', 'document'].map(name => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
    globalThis.window = window;
    globalThis.document = window.document;
    try {
        const editor = newEditor();
        editor.update(() => {
            const root = $getRoot().clear();
            let paragraph = null;
            for (const node of $generateNodesFromDOM(editor, window.document)) {
                if ($isElementNode(node) && !node.isInline()) {
                    root.append(node);
                    paragraph = null;
                } else {
                    paragraph = paragraph || $createParagraphNode();
                    root.append(paragraph);
                    paragraph.append(node);
                }
            }
        }, {discrete: true});
        let made = '';
        editor.getEditorState().read(() => { made = $generateHtmlFromNodes(editor, null); });
        const only = keepsParagraphs ? null : /^<p[^>]*>([\s\S]*)<\/p>$/.exec(made);
        return only && !only[1].includes('<p') ? only[1] : made;
    } finally {
        for (const [name, was] of hidden) {
            delete globalThis[name];
            if (was) {
                Object.defineProperty(globalThis, name, was);
            }
        }
    }
}

function resave(text) {
    const editor = newEditor();
    const document = JSON.parse(text);
    for (const node of document.root.children) {
        for (const key of RICH[node.type] || []) {
            if (typeof node[key] === 'string') {
                node[key] = throughNestedEditor(node[key], KEEPS_PARAGRAPHS.has(`${node.type} ${key}`));
            }
        }
    }
    editor.setEditorState(editor.parseEditorState(JSON.stringify(document)));
    registerDefaultTransforms(editor);
    editor.update(() => {
        const last = $getRoot().getLastChild();
        if ($isDecoratorNode(last)) {
            $getRoot().append($createParagraphNode());
        }
    }, {discrete: true});
    return JSON.stringify(editor.getEditorState());
}

function known() {
    const editor = newEditor();
    const found = {};
    editor.update(() => {
        for (const [type, {klass}] of editor._nodes) {
            const properties = klass.getPropertyDefaults ? klass.getPropertyDefaults() : {};
            found[type] = {...properties};
        }
    }, {discrete: true});
    return found;
}

// [tag, {attribute: value}, [children]]; a text is a string, a comment is an element named "!".
function treeOf(node) {
    if (node.nodeType === 3) {
        return node.data;
    }
    if (node.nodeType === 8) {
        return ['!', {}, [node.data]];
    }
    const attributes = {};
    for (const {name, value} of node.attributes || []) {
        attributes[name] = value;
    }
    return [node.localName, attributes, [...node.childNodes].map(treeOf)];
}

function trees(documents) {
    const parser = new (new JSDOM('').window.DOMParser)();
    return documents.map(html => treeOf(parser.parseFromString(`<body>${html}`, 'text/html').body));
}

const given = task === 'nodes' ? null : JSON.parse(fs.readFileSync(0, 'utf8'));
const made = {nodes: known, resave: () => given.map(resave), dom: () => trees(given)}[task]();
process.stdout.write(JSON.stringify(made));
