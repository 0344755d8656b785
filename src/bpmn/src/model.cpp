#include "schwarm/bpmn/model.hpp"

#include "model_impl.hpp"

namespace schwarm::bpmn {

Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::~Model() = default;

const std::string& Model::file() const {
    return impl_->file;
}
const std::vector<std::shared_ptr<const Process>>& Model::processes() const {
    return impl_->processes;
}
std::shared_ptr<const Process> Model::process(std::string_view id) const {
    for (const auto& p : impl_->processes) {
        if (p->id == id) return p;
    }
    return nullptr;
}
const std::vector<Collaboration>& Model::collaborations() const {
    return impl_->collaborations;
}
const std::vector<MessageDeclaration>& Model::messages() const {
    return impl_->messages;
}
const std::vector<ExternalReference>& Model::references() const {
    return impl_->references;
}
std::string Model::write() const {
    return impl_->document.write({});
}

bool Import::deployable() const {
    if (!model || has_errors(problems)) return false;
    for (const auto& p : model->processes()) {
        if (p->is_executable) return true;
    }
    return false;
}

}  // namespace schwarm::bpmn
