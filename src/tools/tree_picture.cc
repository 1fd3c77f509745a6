#include "tools/tree_picture.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/strings.h"
#include "format/file_names.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"

namespace beachdb::tools {
namespace {

constexpr std::size_t kFilesShown = 6;  // of one level; the rest is counted
constexpr std::size_t kBarCells = 20;
constexpr std::size_t kNarrowest = 50;
constexpr std::string_view kIndent = "    ";

std::vector<const TableStats*> FilesOf(const Stats& stats, int level) {
  std::vector<const TableStats*> files;
  for (const TableStats& table : stats.tables) {
    if (table.level == level) files.push_back(&table);
  }
  return files;
}

class Painter {
 public:
  Painter(const Stats& stats, const PictureOptions& options)
      : stats_(stats), options_(options), width_(std::max(options.width, kNarrowest)) {
    for (const TableStats& table : stats.tables) {
      borders_.push_back(table.smallest_key);
      borders_.push_back(table.largest_key);
    }
    std::sort(borders_.begin(), borders_.end());
    borders_.erase(std::unique(borders_.begin(), borders_.end()), borders_.end());
  }

  std::string Paint() {
    Summary();
    for (const LevelStats& level : stats_.levels) {
      const auto files = FilesOf(stats_, level.level);
      if (files.empty()) continue;
      LevelLine(level, files.size());
      // Files of level 0 overlap, so one strip cannot show them.
      if (level.level > 0 && files.size() > 1) Strip(files);
      for (std::size_t i = 0; i < files.size(); ++i) {
        if (i + 1 == kFilesShown && files.size() > kFilesShown) {
          Line(fmt::format("{}... {} more", kIndent, Counted(files.size() - i, "file")));
          break;
        }
        FileLine(*files[i]);
      }
    }
    return std::move(out_);
  }

 private:
  void Line(std::string_view text) {
    out_ += text.substr(0, width_);
    out_ += '\n';
  }

  void Summary() {
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
    std::uint64_t levels = 0;
    for (const LevelStats& level : stats_.levels) {
      bytes += level.bytes;
      entries += level.entries;
      levels += level.files > 0 ? 1 : 0;
    }
    Line(fmt::format("{} in {}, {} on disk, {}", Counted(stats_.tables.size(), "file"),
                     Counted(levels, "level"), FormatBytes(bytes), Counted(entries, "entry")));
    if (stats_.pending_compaction_bytes > 0) {
      Line("compactions still have to write about " + FormatBytes(stats_.pending_compaction_bytes));
    }
    // 0: nobody has it open here.
    if (stats_.memory_budget > 0)
      Line(fmt::format("memtables {}, block cache {}, of a budget of {}",
                       FormatBytes(stats_.memtable_bytes), FormatBytes(stats_.block_cache_bytes),
                       FormatBytes(stats_.memory_budget)));
    if (!stats_.background_error.empty()) Line("error: " + stats_.background_error);
  }

  // How full the level is; without a target, its share of all bytes.
  std::string Bar(const LevelStats& level) const {
    std::uint64_t whole = level.target_bytes;
    if (whole == 0) {
      for (const LevelStats& l : stats_.levels) whole += l.bytes;
    }
    const double fraction =
        whole == 0 ? 0 : static_cast<double>(level.bytes) / static_cast<double>(whole);
    auto filled = static_cast<std::size_t>(std::min(fraction, 1.0) * kBarCells);
    if (filled == 0 && level.bytes > 0) filled = 1;
    if (options_.ink == Ink::kPlain) {
      return "[" + std::string(filled, '#') + std::string(kBarCells - filled, '.') + "]";
    }
    std::string bar = level.score > 1 ? "\x1b[33m" : "\x1b[32m";
    for (std::size_t i = 0; i < kBarCells; ++i) bar += i < filled ? "█" : "░";
    return bar + "\x1b[0m";
  }

  void LevelLine(const LevelStats& level, std::size_t files) {
    std::string text = FormatBytes(level.bytes);
    if (level.target_bytes != 0) text += " of " + FormatBytes(level.target_bytes);
    text += ", " + Counted(files, "file");
    text += ", " + Counted(level.entries, "entry");
    if (level.tombstones > 0) text += ", " + Counted(level.tombstones, "tombstone");
    if (level.range_tombstones > 0) {
      text += ", " + Counted(level.range_tombstones, "range tombstone");
    }
    out_ += '\n';
    // Cut before the colours come in, which take no columns.
    const std::size_t room = width_ - kIndent.size() - kBarCells - 4;
    out_ += fmt::format("{:<4}{}  {}\n", fmt::format("L{}", level.level), Bar(level),
                        std::string_view(text).substr(0, room));
  }

  std::size_t ColumnOf(const std::string& key, std::size_t cells) const {
    if (borders_.size() < 2) return 0;
    const auto rank = static_cast<std::size_t>(
        std::lower_bound(borders_.begin(), borders_.end(), key) - borders_.begin());
    return rank * (cells - 1) / (borders_.size() - 1);
  }

  // Where the files lie between the smallest and the largest key of all levels; neighbours differ.
  void Strip(const std::vector<const TableStats*>& files) {
    const std::size_t cells = width_ - kIndent.size() - 2;
    std::string strip(cells, ' ');
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::size_t begin = ColumnOf(files[i]->smallest_key, cells);
      const std::size_t end = ColumnOf(files[i]->largest_key, cells);
      for (std::size_t c = begin; c <= end; ++c) strip[c] = i % 2 == 0 ? '=' : '-';
    }
    Line(fmt::format("{}|{}|", kIndent, strip));
  }

  void FileLine(const TableStats& file) {
    std::string line = fmt::format("{}{:<12} {:>10} {:>16}  ", kIndent, TableName(file.number),
                                   FormatBytes(file.bytes), Counted(file.entries, "entry"));
    if (file.ingested) line += "ingested  ";
    const std::size_t room = width_ > line.size() + 12 ? (width_ - line.size() - 4) / 2 : 4;
    // EscapeBytes adds "..." to what it cuts.
    const std::size_t limit = room > 7 ? room - 3 : 4;
    line += EscapeBytes(file.smallest_key, limit) + " .. " + EscapeBytes(file.largest_key, limit);
    Line(line);
  }

  const Stats& stats_;
  const PictureOptions options_;
  const std::size_t width_;
  std::vector<std::string> borders_;  // of all files, ascending
  std::string out_;
};

std::string FileJson(const TableStats& file) {
  return JsonWriter()
      .Number("number", file.number)
      .Bytes("name", TableName(file.number))
      .Number("bytes", file.bytes)
      .Number("entries", file.entries)
      .Number("tombstones", file.tombstones)
      .Number("range_tombstones", file.range_tombstones)
      .Bool("ingested", file.ingested)
      .Bytes("smallest_key", file.smallest_key)
      .Bytes("largest_key", file.largest_key)
      .ToString();
}

}  // namespace

std::string TreePicture(const Stats& stats, const PictureOptions& options) {
  return Painter(stats, options).Paint();
}

std::string TreeJson(const Stats& stats) {
  std::string levels = "[";
  for (const LevelStats& level : stats.levels) {
    std::string files = "[";
    for (const TableStats* file : FilesOf(stats, level.level)) {
      if (files.size() > 1) files += ",";
      files += FileJson(*file);
    }
    if (levels.size() > 1) levels += ",";
    levels += JsonWriter()
                  .Number("level", static_cast<std::uint64_t>(level.level))
                  .Number("bytes", level.bytes)
                  .Number("target_bytes", level.target_bytes)
                  .Number("entries", level.entries)
                  .Number("tombstones", level.tombstones)
                  .Number("range_tombstones", level.range_tombstones)
                  .Raw("files", files + "]")
                  .ToString();
  }
  return JsonWriter().Raw("levels", levels + "]").ToString();
}

}  // namespace beachdb::tools
