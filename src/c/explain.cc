// How reads came to their answers, and what the database does by itself: told in JSON, since C has
// no vectors of vectors, and as text for people.
#include <string>

#include "base/try.h"
#include "c/guard.h"
#include "c/handles.h"

using beachdb::CopyText;
using beachdb::Event;
using beachdb::Guarded;
using beachdb::OkStatus;
using beachdb::Status;
using beachdb::View;

namespace {

// Each form that was asked for; both or none.
template <typename Explanation>
void Tell(const Explanation& explanation, char** text, char** json) {
  if (text != nullptr) *text = CopyText(explanation.ToString());
  if (json == nullptr) return;
  try {
    *json = CopyText(explanation.ToJson());
  } catch (...) {
    if (text != nullptr) beachdb_bytes_free(*text);
    if (text != nullptr) *text = nullptr;
    throw;
  }
}

void Clear(char** text, char** json) {
  if (text != nullptr) *text = nullptr;
  if (json != nullptr) *json = nullptr;
}

}  // namespace

beachdb_error_t* beachdb_explain(const beachdb_t* db, const beachdb_read_options_t* options,
                                 const char* key, size_t key_size, char** text, char** json) {
  Clear(text, json);
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const beachdb::GetExplanation explanation,
                     db->db.Explain(View(key, key_size), beachdb::ToReadOptions(options)));
    Tell(explanation, text, json);
    return OkStatus();
  });
}

beachdb_error_t* beachdb_explain_scan(const beachdb_t* db,
                                      const beachdb_iterator_options_t* options, int order,
                                      uint64_t limit, char** text, char** json) {
  Clear(text, json);
  return Guarded([&]() -> Status {
    if (order != BEACHDB_SCAN_FORWARD && order != BEACHDB_SCAN_REVERSE) {
      return beachdb::Error(beachdb::Code::kInvalidArgument,
                            "order is " + std::to_string(order) + ", want a beachdb_scan_order");
    }
    ASSIGN_OR_RETURN(const beachdb::ScanExplanation explanation,
                     db->db.ExplainScan(beachdb::ToIteratorOptions(options),
                                        static_cast<beachdb::ScanOrder>(order), limit));
    Tell(explanation, text, json);
    return OkStatus();
  });
}

beachdb_error_t* beachdb_history(const beachdb_t* db, const char* key, size_t key_size,
                                 char** json) {
  *json = nullptr;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const auto versions, db->db.History(View(key, key_size)));
    std::string text = "[";
    for (const beachdb::KeyVersion& version : versions) {
      if (text.size() > 1) text += ",";
      text += version.ToJson();
    }
    *json = CopyText(text + "]");
    return OkStatus();
  });
}

beachdb_error_t* beachdb_set_event_listener(beachdb_t* db, beachdb_event_function function,
                                            void* context) {
  return Guarded([&]() -> Status {
    if (function == nullptr) return db->db.SetEventListener({});
    return db->db.SetEventListener([function, context](const Event& event) {
      const std::string json = event.ToJson();
      function(context, json.c_str(), json.size());
    });
  });
}

beachdb_error_t* beachdb_recent_events(const beachdb_t* db, char** json) {
  *json = nullptr;
  return Guarded([&]() -> Status {
    std::string text = "[";
    for (const Event& event : db->db.RecentEvents()) {
      if (text.size() > 1) text += ",";
      text += event.ToJson();
    }
    *json = CopyText(text + "]");
    return OkStatus();
  });
}
