// The two ways an error travels up: inside src/ only, never in a public header.
//
//   RETURN_IF_ERROR(file->Sync());
//   ASSIGN_OR_RETURN(auto file, fs.Open(path, OpenMode::kRead));
//   RETURN_IF_ERROR(Decode(in).WithContext("footer: "));
#pragma once

#include <utility>

#include "beachdb/result.h"

#define BEACHDB_CONCAT_INNER(a, b) a##b
#define BEACHDB_CONCAT(a, b) BEACHDB_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expression)                          \
  do {                                                       \
    auto beachdb_status = (expression);                      \
    if (!beachdb_status.ok()) return beachdb_status.error(); \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_INNER(BEACHDB_CONCAT(beachdb_result_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) return result.error();                      \
  declaration = std::move(result).value()
