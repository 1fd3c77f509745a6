// Reads what a public C++ header of this project declares. No compiler: it knows the few forms that
// our headers use, which clang-format keeps in order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beachdb {

enum class MemberKind { kFunction, kField, kEnumerator, kConstant };

struct Member {
  MemberKind kind = MemberKind::kFunction;
  std::string scope;  // class or enumeration; empty: the namespace itself
  std::string name;

  // "Db::Put"
  std::string QualifiedName() const { return scope.empty() ? name : scope + "::" + name; }
  bool operator==(const Member&) const = default;
};

// The text without comments, string literals and preprocessor lines.
std::string WithoutComments(std::string_view source);

// Public members of every class, fields of every struct, enumerators, and the functions and
// constants of the namespace, in the order of the header. Not among them: constructors,
// destructors, operators, types, friends, and what only declares a class.
std::vector<Member> PublicMembers(std::string_view source);

}  // namespace beachdb
