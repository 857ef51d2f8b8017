#include "writer/decoders/state.h"

#include <strings.h>

static const struct {
    const char *word;
    double value;
} state_words[] = {
    {"on", 1},       {"off", 0},    {"open", 1},     {"closed", 0},        {"home", 1},
    {"not_home", 0}, {"locked", 1}, {"unlocked", 0}, {"above_horizon", 1}, {"below_horizon", 0},
    {"true", 1},     {"false", 0},
};

static bool word_value(struct text state, double *ret_value)
{
    for (size_t i = 0; i < sizeof state_words / sizeof state_words[0]; i++) {
        const char *word = state_words[i].word;
        if (state.len != strlen(word) || strncasecmp(state.at, word, state.len) != 0)
            continue;
        *ret_value = state_words[i].value;
        return true;
    }
    return false;
}

enum err state_fields(struct point *point, struct text state)
{
    double value;
    if (text_number(state, &value))
        return point_number(point, TEXT("value"), value);
    enum err err = point_text(point, TEXT("state"), state);
    if (err == ERR_OK && word_value(state, &value))
        err = point_number(point, TEXT("value"), value);
    return err;
}
