// The process that is killed, and the one that looks at what it left: `crash worker`. Speaks lines
// of JSON (NDJSON): orders on standard input, events on standard output, each in one write.
//
//   orders   {"role":"write","directory":..,"settings":{..},"threads":n,"close":true}
//            {"role":"check","directory":..,"settings":{..}}
//            write: one line per operation (workload.h); check: {"key":base64} for keys to be got
//            {"go":true}
//   events   {"event":"open_failed","message":..,"hits":{..}}   then it ends
//            {"event":"ready"}
//            write: {"event":"start","op":n}, then {"event":"ack","op":n} or
//                   {"event":"fail","op":n,"message":..}
//                   {"event":"done","hits":{..}}                  all operations are answered
//                   {"event":"closed"} or {"event":"close_failed","message":..}
//            check: {"event":"entry","key":..,"value":..}         in order
//                   {"event":"problem","message":..}              any number
//                   {"event":"checked"}
//
// Without "close" the writer waits to be killed. A thread stops after kUncertainMax failures.
#pragma once

namespace beachdb::tools::crash {

// Returns the exit code of the process.
int RunWorker();

}  // namespace beachdb::tools::crash
