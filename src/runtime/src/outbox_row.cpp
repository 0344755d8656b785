#include "outbox_row.hpp"

#include "schwarm/base/binary.hpp"
#include "schwarm/feel/codec.hpp"

namespace schwarm::runtime {
namespace {
constexpr std::uint8_t kFormat = 1;
}

std::string encode_effect(const engine::Effect& effect) {
    ByteWriter out;
    out.u8(kFormat);
    out.varint(effect.key.value());
    out.varint(effect.element.value());
    out.bytes(effect.kind);
    out.bytes(effect.name);
    out.bytes(feel::encode(effect.payload));
    return out.take();
}

Result<engine::Effect> decode_effect(std::string_view bytes) {
    ByteReader in(bytes);
    const std::uint8_t format = in.u8();
    engine::Effect effect;
    effect.key = engine::EffectKey(in.varint());
    effect.element = ElementKey(in.varint());
    effect.kind = std::string(in.bytes());
    effect.name = std::string(in.bytes());
    const std::string_view payload = in.bytes();
    if (format != kFormat || !in.ok() || !in.at_end()) {
        return fail(ErrorCode::corrupt, "a row of the outbox is damaged");
    }
    SCHWARM_TRY(value, feel::decode(payload));
    effect.payload = std::move(value);
    return effect;
}

}  // namespace schwarm::runtime
