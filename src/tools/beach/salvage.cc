#include "tools/salvage/salvage.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/try.h"
#include "tools/beach/commands.h"
#include "tools/encodings.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"
#include "tools/progress.h"

namespace beachdb::tools {
namespace {

std::string JsonStrings(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ",";
    json += JsonQuote(Readable(text));
  }
  return json + "]";
}

std::string ToJson(const SalvageReport& report) {
  std::string losses = "[";
  for (const Loss& loss : report.losses) {
    if (losses.size() > 1) losses += ",";
    JsonWriter json;
    json.Bytes("file", loss.file).Number("begin", loss.begin).Number("end", loss.end);
    if (loss.from) json.Bytes("from", *loss.from);
    if (loss.to) json.Bytes("to", *loss.to);
    if (loss.entries) json.Number("entries", *loss.entries);
    losses += json.Raw("reason", JsonQuote(Readable(loss.reason))).ToString();
  }
  return JsonWriter()
      .Bool("complete", report.complete())
      .Number("keys", report.keys)
      .Number("entries", report.entries)
      .Number("tables", report.tables)
      .Number("blocks", report.blocks)
      .Number("logs", report.logs)
      .Raw("losses", losses + "]")
      .Raw("may_reappear", JsonStrings(report.may_reappear))
      .Raw("notes", JsonStrings(report.notes))
      .ToString();
}

std::string ToLine(const Loss& loss) {
  std::string line = fmt::format("lost: {}: bytes {} to {}", loss.file, loss.begin, loss.end);
  if (loss.entries) line += ", " + Counted(*loss.entries, "entry");
  if (loss.from || loss.to) {
    line += fmt::format(", keys from {} to {}", loss.from ? Readable(*loss.from) : "the first",
                        loss.to ? Readable(*loss.to) : "the last");
  }
  return line + ": " + loss.reason;
}

void Print(const SalvageReport& report, const std::string& destination, Console& console) {
  for (const std::string& note : report.notes) console.WriteLine("note: " + note);
  for (const Loss& loss : report.losses) console.WriteLine(ToLine(loss));
  for (const std::string& why : report.may_reappear) {
    console.WriteLine("deleted or older data may be there again: " + why);
  }
  console.WriteLine(
      fmt::format("{}: {} in {}, out of {} of {} and {}",
                  report.complete() ? "complete" : "with " + Counted(report.losses.size(), "loss"),
                  Counted(report.keys, "key"), destination, Counted(report.entries, "entry"),
                  Counted(report.tables, "table"), Counted(report.logs, "log")));
}

}  // namespace

Outcome SalvageDatabase(const Common& common, const SalvageArguments& arguments, Console& console) {
  SalvageOptions options{
      .source = arguments.source, .destination = arguments.destination, .progress = {}};
  const auto report = [&] {
    Progress progress(console, "salvaging", "entries");
    options.progress = [&](std::uint64_t done, std::uint64_t whole) {
      progress.Show(done, done, whole);
    };
    return Salvage(options);
  }();
  if (!report.ok()) return report.error();
  if (common.json) {
    console.WriteLine(ToJson(*report));
  } else {
    Print(*report, arguments.destination, console);
  }
  return report->complete() ? kExitDone : kExitNotFound;
}

}  // namespace beachdb::tools
