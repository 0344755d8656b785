// PDF by WeasyPrint (Debian package weasyprint) in worker processes that are reused.
//
// A worker sees nothing but the page it is given: no network (seccomp refuses sockets), no
// addresses to fetch from but the embedded fonts, an empty environment, limits on memory, open
// files and file size, and a wall-clock limit a page, after which it is killed and replaced. It
// dies with the node.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "schwarm/portal/pdf_renderer.hpp"

namespace schwarm::pdf {

struct Options {
    std::string python = "/usr/bin/python3";
    std::size_t workers = 1;
    std::size_t queue_max = 64;             // pages waiting; more are answered unavailable
    std::size_t page_bytes_max = 4U << 20;  // of HTML
    std::size_t pdf_bytes_max = 32U << 20;
    std::size_t memory_bytes_max = 1U << 30;  // address space of a worker
    std::chrono::seconds time_max{20};        // a page
    std::size_t pages_per_worker_max = 500;   // then it is replaced
};

// Thread-safe. Workers start with the first page. The destructor answers what is waiting with
// unavailable and ends the workers.
class WeasyPrintRenderer final : public portal::PdfRenderer {
  public:
    explicit WeasyPrintRenderer(Options options = {});
    ~WeasyPrintRenderer() override;
    void render(std::string html, std::function<void(Result<std::string>)> done) override;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace schwarm::pdf
