#include "base/logger.h"

#include <memory>
#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace beachdb {

namespace {

// What the engine says when nobody asked to hear it: only what a person must know.
Logger::Sink StderrSink() {
  auto logger = std::make_shared<spdlog::logger>("beachdb",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->flush_on(spdlog::level::warn);
  return [logger = std::move(logger)](LogLevel level, std::string_view line) {
    if (level < LogLevel::kWarning) return;
    logger->log(level == LogLevel::kError ? spdlog::level::err : spdlog::level::warn,
                spdlog::string_view_t(line.data(), line.size()));
  };
}

}  // namespace

Logger::Logger(Sink sink) : sink_(sink ? std::move(sink) : StderrSink()) {}

void Logger::Log(LogLevel level, std::string_view line) const { sink_(level, line); }

}  // namespace beachdb
