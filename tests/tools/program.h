// Runs a program of this repository as a user does, and keeps what it said.
#pragma once

#include <string>
#include <vector>

namespace beachdb {

struct ProgramResult {
  int exit_code = -1;  // 128 + the signal's number if one killed it
  std::string out;
  std::string err;
};

// `name`: "beach", "wal_dump", ... in the folder of built programs. `input`: standard input.
ProgramResult RunProgram(const std::string& name, const std::vector<std::string>& arguments,
                         const std::string& input = "");

// Starts `beach load` of TSV lines, waits until all of them are acknowledged, and kills it with
// SIGKILL: what it leaves behind has a log, which a clean end would have put into tables.
// REQUIRES: the lines are a multiple of 1000, the size of a batch.
void LoadAndKill(const std::string& database, const std::string& lines);

// A fresh folder for the running test, removed when it ends.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file into it and returns its path.
  std::string Write(const std::string& name, const std::string& contents) const;

 private:
  std::string path_;
};

std::string ReadWholeFile(const std::string& path);

}  // namespace beachdb
