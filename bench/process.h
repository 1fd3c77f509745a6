// A process of its own for everything that is measured, and the quiet between two of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "beachdb/result.h"
#include "bench/store.h"

namespace beachdb::bench {

// Runs `work` in a child process and waits for it; gives what it returned. The child has SIGINT and
// SIGTERM as they are by default. An error: no child could be made, or it did not end by itself.
Result<std::string> RunInChild(const std::function<std::string()>& work);

// From here on SIGINT and SIGTERM end the children and let the parent clean up.
void CatchInterrupts();
bool Interrupted();

// Waits until background work has ended: the engine says so, and neither processor time nor
// written bytes have moved for `quiet_ms`. The same test for every engine. Gives up after
// `longest_seconds`. Returns the seconds until the last movement.
double Settle(Store& store, int quiet_ms, int longest_seconds = 60);

// Bytes that the device below `directory` was ever sent, with everything written back first. It
// must be nobody else's just now. What the kernel counts for a process would not do: there a store
// of a hundred bytes through the page cache counts as much as the pages that are kept as one, up to
// megabytes. Where no block device is found, it has to do.
std::uint64_t BytesSentToDevice(const std::string& directory);

// Leaves no dirty pages of the file system of `directory` to the engine that comes next.
void WriteBackEverything(const std::string& directory);

}  // namespace beachdb::bench
