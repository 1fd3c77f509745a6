// The byte tables and worked examples of a page of docs/formats/, for the test that executes them.
//
//   const DocPage page("docs/formats/file_header.md");
//   EXPECT_EQ(page.Example(0), EncodeFileHeader(...));       // the first ```hex block
//   EXPECT_EQ(page.Row("checksum").offset, kChecksumAt);     // the row of that field
//
// A hex block has lines "OFFSET: hex bytes  | meaning"; offsets are hexadecimal, as a hex dump
// prints them, and follow each other without a gap, so that a line cannot be lost. Bytes may be
// grouped by spaces. A line without a colon is a remark.
// A byte table is a Markdown table whose header begins with | offset | size | field |. Offset and
// size are decimal; a cell that is no number ("n", "varies") parses as kVaries.
//
// Header-only, so that the test of any layer can include it ("tests/support/doc_example.h").
// Errors: a page that is missing or malformed fails the test that reads it.
#pragma once

#include <cctype>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb {

class DocPage {
 public:
  static constexpr std::size_t kVaries = static_cast<std::size_t>(-1);

  struct TableRow {
    std::size_t offset = kVaries;
    std::size_t size = kVaries;
    std::string field;
  };

  // `path` from the root of the source tree.
  explicit DocPage(const std::string& path) : path_(path) {
    std::ifstream in(std::string(BEACHDB_SOURCE_DIR) + "/" + path);
    if (!in) {
      ADD_FAILURE() << path << " cannot be read";
      return;
    }
    std::string* block = nullptr;
    bool in_table = false;
    for (std::string line; std::getline(in, line);) {
      if (block != nullptr) {
        if (line.starts_with("```")) {
          block = nullptr;
        } else {
          ParseHexLine(line, *block);
        }
      } else if (line.starts_with("```hex")) {
        block = &examples_.emplace_back();
      } else if (line.starts_with("|")) {
        const std::vector<std::string> cells = Cells(line);
        if (cells.size() >= 3 && cells[0] == "offset" && cells[1] == "size") {
          in_table = true;
        } else if (in_table && cells.size() >= 3 && !cells[0].starts_with("--")) {
          rows_.push_back({Number(cells[0]), Number(cells[1]), cells[2]});
        }
      } else {
        in_table = false;
      }
    }
  }

  // The bytes of the n-th hex block of the page, from 0.
  std::string Example(std::size_t n) const {
    if (n < examples_.size()) return examples_[n];
    ADD_FAILURE() << path_ << " has " << examples_.size() << " hex blocks, want number " << n;
    return {};
  }
  std::size_t ExampleCount() const { return examples_.size(); }

  // All rows of all byte tables, in the order of the page.
  const std::vector<TableRow>& Rows() const { return rows_; }

  // The row whose field is `field`.
  TableRow Row(std::string_view field) const {
    for (const TableRow& row : rows_) {
      if (row.field == field) return row;
    }
    ADD_FAILURE() << path_ << " has no row for the field \"" << field << "\"";
    return {};
  }

 private:
  static std::string Trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t`");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t`") - first + 1));
  }

  static std::vector<std::string> Cells(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream in(line.substr(1));
    for (std::string cell; std::getline(in, cell, '|');) cells.push_back(Trim(cell));
    return cells;
  }

  static std::size_t Number(const std::string& cell) {
    if (cell.empty() || cell.find_first_not_of("0123456789") != std::string::npos) return kVaries;
    return std::stoul(cell);
  }

  void ParseHexLine(const std::string& line, std::string& block) const {
    const std::size_t colon = line.find(':');
    const std::size_t bar = line.find('|');
    if (colon == std::string::npos || colon > bar) return;
    const std::string offset = Trim(line.substr(0, colon));
    if (offset.empty() || offset.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
      ADD_FAILURE() << path_ << ": no hexadecimal offset in: " << line;
      return;
    }
    EXPECT_EQ(std::stoul(offset, nullptr, 16), block.size()) << path_ << ": gap before: " << line;
    std::string digits;
    for (const char c : line.substr(colon + 1, bar == std::string::npos ? bar : bar - colon - 1)) {
      if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
        digits += c;
      } else if (c != ' ') {
        ADD_FAILURE() << path_ << ": '" << c << "' is no hex digit, in: " << line;
      }
    }
    EXPECT_EQ(digits.size() % 2, 0u) << path_ << ": half a byte in: " << line;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
      block += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
  }

  std::string path_;
  std::vector<std::string> examples_;
  std::vector<TableRow> rows_;
};

}  // namespace beachdb
