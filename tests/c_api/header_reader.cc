#include "tests/c_api/header_reader.h"

#include <cctype>
#include <cstddef>
#include <regex>

namespace beachdb {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool Matches(const std::string& text, const char* pattern) {
  return std::regex_search(text, std::regex(pattern));
}

// The identifier that ends right before `end`; blanks between do not count.
std::string WordBefore(const std::string& text, std::size_t end) {
  while (end > 0 && text[end - 1] == ' ') --end;
  std::size_t start = end;
  while (start > 0 && IsWord(text[start - 1])) --start;
  return text.substr(start, end - start);
}

// Where `wanted` stands outside of <...>; npos: nowhere. A shift (<<) opens nothing.
std::size_t FindOutsideAngles(const std::string& text, char wanted) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "<<") == 0) {
      ++i;
    } else if (text[i] == '<') {
      ++depth;
    } else if (text[i] == '>') {
      --depth;
    } else if (text[i] == wanted && depth == 0) {
      return i;
    }
  }
  return std::string::npos;
}

class Reader {
 public:
  explicit Reader(std::string text) : text_(std::move(text)) {}

  std::vector<Member> Run() {
    ReadScope("", true);
    return std::move(members_);
  }

 private:
  // Statements up to the end of the scope, whose `{` has been read.
  void ReadScope(const std::string& scope, bool is_public) {
    std::string head;
    int parentheses = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '(') ++parentheses;
      if (c == ')') --parentheses;
      if (parentheses > 0 || (c != ';' && c != '{' && c != '}' && c != ':')) {
        head += std::isspace(static_cast<unsigned char>(c)) != 0 ? ' ' : c;
      } else if (c == ':') {
        if (Matches(head, R"(^ *(public|private|protected) *$)")) {
          is_public = head.find("public") != std::string::npos;
          head.clear();
        } else {
          head += c;
        }
      } else if (c == ';') {
        if (is_public) ReadStatement(scope, head);
        head.clear();
      } else if (c == '{') {
        ++at_;
        if (ReadBlock(scope, is_public, head)) head.clear();
      } else {
        return;
      }
    }
  }

  // What `head` opens, whose `{` has been read. False: a variable's initial value; `head` goes on.
  bool ReadBlock(const std::string& scope, bool is_public, const std::string& head) {
    std::smatch match;
    static const std::regex kEnum(R"(\benum +(?:class +|struct +)?(\w+))");
    static const std::regex kClass(R"(\b(class|struct) +(?:\[\[\w+\]\] *)?(\w+)[^()]*$)");
    if (Matches(head, R"(\bnamespace\b)")) {
      ReadScope(scope, is_public);
    } else if (std::regex_search(head, match, kEnum)) {
      ReadEnumerators(match[1].str());
    } else if (std::regex_search(head, match, kClass)) {
      ReadScope(match[2].str(), match[1].str() == "struct");
    } else {
      SkipBlock();
      if (FindOutsideAngles(head, '(') == std::string::npos) return false;
      if (is_public) ReadStatement(scope, head);
    }
    return true;
  }

  void SkipBlock() {
    int depth = 1;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '{') ++depth;
      if (text_[at_] == '}' && --depth == 0) return;
    }
  }

  void ReadEnumerators(const std::string& scope) {
    static const std::regex kEnumerator(R"((?:^|,)\s*(\w+))");
    const std::size_t end = text_.find('}', at_);
    const std::string body = text_.substr(at_, end - at_);
    for (std::sregex_iterator it(body.begin(), body.end(), kEnumerator), last; it != last; ++it) {
      members_.push_back({MemberKind::kEnumerator, scope, (*it)[1].str()});
    }
    at_ = end;
  }

  void ReadStatement(const std::string& scope, const std::string& statement) {
    if (Matches(statement, R"(^ *$|\boperator\b|^ *(friend|using|typedef|static_assert)\b)"))
      return;
    if (Matches(statement, R"(^ *(template *<[^>]*> *)?(class|struct|enum)\b[^(=]*$)")) return;
    const std::size_t call = FindOutsideAngles(statement, '(');
    const std::size_t initial = FindOutsideAngles(statement, '=');
    if (call != std::string::npos && call < initial) {
      const std::string name = WordBefore(statement, call);
      const bool is_special = name == scope || Matches(statement, "~");
      if (!name.empty() && !is_special) members_.push_back({MemberKind::kFunction, scope, name});
      return;
    }
    const std::string name =
        WordBefore(statement, initial == std::string::npos ? statement.size() : initial);
    if (name.empty()) return;  // what follows a block: `};`
    members_.push_back({scope.empty() ? MemberKind::kConstant : MemberKind::kField, scope, name});
  }

  const std::string text_;
  std::size_t at_ = 0;
  std::vector<Member> members_;
};

}  // namespace

std::string WithoutComments(std::string_view source) {
  const std::string text(source);
  static const std::regex kNoise(R"re("(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*[\s\S]*?\*/)re");
  static const std::regex kDirective(R"((^|\n)[ \t]*#(?:[^\n\\]|\\.|\\\n)*)");
  return std::regex_replace(std::regex_replace(text, kNoise, " "), kDirective, "$1");
}

std::vector<Member> PublicMembers(std::string_view source) {
  return Reader(WithoutComments(source)).Run();
}

}  // namespace beachdb
