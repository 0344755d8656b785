// Reading a BPMN 2.0.2 file: the document as written (layout and foreign extensions kept), the
// processes compiled to graphs, the collaboration, and everything that is wrong with it.
//
// import_model() is a pure function and thread-safe; a Model is immutable. Size and depth are
// limited; bad input never throws but is answered by problems.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schwarm/bpmn/problem.hpp"
#include "schwarm/bpmn/process.hpp"

namespace schwarm::bpmn {

// A pool. process_id is empty for a black box.
struct Participant {
    std::string id;
    std::string name;
    std::string process_id;
};

// A message flow between two pools, or nodes in them.
struct MessageFlow {
    std::string id;
    std::string name;
    std::string source_id;
    std::string target_id;
    std::string message_id;  // may be empty
};

struct Collaboration {
    std::string id;
    std::vector<Participant> participants;
    std::vector<MessageFlow> message_flows;
    // The zeebe:properties of a collaboration that runs between tenants; empty in others.
    std::string contract;
    std::string version;
};

struct MessageDeclaration {
    std::string id;
    std::string name;
};

// References that leave the file; `services` checks that their targets exist. Only static ones.
struct ExternalReference {
    enum class Kind { decision, form, process, inline_task } kind = Kind::decision;
    std::string target;
    std::string process_id;
    std::string element_id;
    int line = 0;
};

class Model {
  public:
    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    const std::string& file() const;
    // In document order; those with errors are there too, but must not be executed.
    const std::vector<std::shared_ptr<const Process>>& processes() const;
    std::shared_ptr<const Process> process(std::string_view id) const;  // null if there is none
    const std::vector<Collaboration>& collaborations() const;
    const std::vector<MessageDeclaration>& messages() const;
    const std::vector<ExternalReference>& references() const;
    // The whole document again, without loss: semantics, layout, foreign extensions.
    std::string write() const;

    struct Impl;
    explicit Model(std::unique_ptr<Impl> impl);
    const Impl& impl() const { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

struct ImportLimits {
    std::size_t bytes_max = 8U << 20;
    std::size_t nodes_max = 20'000;
    std::size_t depth_max = 256;
};

// model is null only if the file is not well-formed XML or not a BPMN document.
struct Import {
    std::shared_ptr<const Model> model;
    Problems problems;
    // The model exists, nothing is an error and at least one process is executable.
    bool deployable() const;
};

// `file` is the name used in problems.
Import import_model(std::string_view bytes, std::string file, const ImportLimits& limits = {});

}  // namespace schwarm::bpmn
