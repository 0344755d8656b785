#include "schwarm/base/check.hpp"

namespace schwarm {

void check_failed(const char* condition, const char* file, int line, const std::string& message) {
    throw CheckFailed(std::string(file) + ":" + std::to_string(line) + ": " + message + " [" +
                      condition + "]");
}

}  // namespace schwarm
