// The port to whoever makes PDF files of documents; the adapter is src/pdf.
#pragma once

#include <functional>
#include <string>

#include "schwarm/base/result.hpp"

namespace schwarm::portal {

// Thread-safe.
class PdfRenderer {
  public:
    virtual ~PdfRenderer() = default;
    // `html` is a whole page in UTF-8 with its style sheets inside; nothing is fetched for it. The
    // callback is called exactly once, possibly on another thread: with the bytes of the PDF, or
    // unavailable (no worker), limit_exceeded (too large, too slow).
    virtual void render(std::string html, std::function<void(Result<std::string>)> done) = 0;
};

}  // namespace schwarm::portal
