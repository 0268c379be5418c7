#include "ui/item_recorder.h"

namespace headlight::ui {

std::string_view visible_text(std::string_view label) {
    return label.substr(0, label.find("##"));
}

std::string_view id_text(std::string_view label) {
    const std::size_t mark = label.rfind("##");
    return mark == std::string_view::npos ? label : label.substr(mark + 2);
}

const RecordedItem* ItemRecorder::find(std::string_view name) const {
    for (const RecordedItem& item : items_) {
        if (item.label == name || item.id == name) return &item;
    }
    for (const RecordedItem& item : items_) {
        if (visible_text(item.label) == name) return &item;
    }
    return nullptr;
}

}  // namespace headlight::ui
