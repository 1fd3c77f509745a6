// Parsers out of docs/formats/*.ksy, generated and loaded in memory.
'use strict';
const fs = require('fs');
const path = require('path');

// `modules`: the folder that holds node_modules; `formats`: the folder of the descriptions.
class Parsers {
  constructor(modules, formats) {
    this.formats = formats;
    this.load = (name) => require(require.resolve(name, {paths: [modules]}));
    this.compiler = this.load('kaitai-struct-compiler');
    this.yaml = this.load('yaml');
    this.KaitaiStream = this.load('kaitai-struct/KaitaiStream');
  }

  names() {
    return fs.readdirSync(this.formats).filter((name) => name.endsWith('.ksy')).sort()
        .map((name) => path.basename(name, '.ksy'));
  }

  description(name) {
    const text = fs.readFileSync(path.join(this.formats, path.basename(name) + '.ksy'), 'utf8');
    return this.yaml.parse(text);
  }

  // The generated sources of a format and of what it imports: {'Wal.js': '...', ...}.
  generate(name, language) {
    const importer = {importYaml: async (imported) => this.description(imported)};
    return this.compiler.compile(language, this.description(name), importer, false);
  }

  // The bytes of a file as a tree of fields.
  async parse(name, bytes) {
    const sources = await this.generate(name, 'javascript');
    const loaded = {};
    const requireGenerated = (wanted) => {
      if (wanted === 'kaitai-struct/KaitaiStream') return this.KaitaiStream;
      const file = path.basename(wanted, '.js') + '.js';
      if (!(file in loaded)) {
        loaded[file] = {};
        new Function('exports', 'require', sources[file])(loaded[file], requireGenerated);
      }
      return loaded[file];
    };
    const type = name.split('_').map((word) => word[0].toUpperCase() + word.slice(1)).join('');
    const Parser = requireGenerated(type)[type];
    return new Parser(new this.KaitaiStream(bytes));
  }
}

module.exports = {Parsers};
