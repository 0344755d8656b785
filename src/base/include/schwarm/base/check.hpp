// CHECK(condition, "message"): a programmer's error. Active in every build. Throws CheckFailed,
// which the runtime catches per case (the case is quarantined, the node goes on); elsewhere it
// ends the program.
#pragma once

#include <stdexcept>
#include <string>

namespace schwarm {

class CheckFailed : public std::logic_error {
  public:
    using std::logic_error::logic_error;
};

[[noreturn]] void check_failed(const char* condition, const char* file, int line,
                               const std::string& message);

}  // namespace schwarm

#define CHECK(condition, message) \
    (static_cast<bool>(condition) \
         ? static_cast<void>(0)   \
         : ::schwarm::check_failed(#condition, __FILE__, __LINE__, (message)))
