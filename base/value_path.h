/* Where in a message something is: a path of keys and indices, "sensors[0].temperature".
 *
 *   key        a member of an object; `.` between keys
 *   ["a.b"]    a member whose name holds one of . [ ] ? $ or a space at its ends
 *   [3]        an element of an array, counted from 0
 *   [*]        each element of an array
 *   $          at the beginning: from the whole message, also where the path is taken from a part
 *              of it; alone the whole message
 *   ?          at the end: what it names may be absent
 *
 * Pure; borrows the text that it was parsed from. */
#ifndef BASE_VALUE_PATH_H
#define BASE_VALUE_PATH_H

#include "base/value.h"

#define VALUE_PATH_MAX_STEPS 16
#define VALUE_PATH_MAX_INDEX 999999

enum value_step_kind { VALUE_STEP_KEY, VALUE_STEP_INDEX, VALUE_STEP_EACH };

struct value_step {
    enum value_step_kind kind;
    struct text key;
    unsigned index;
};

struct value_path {
    struct text text; /* as it was written */
    struct value_step steps[VALUE_PATH_MAX_STEPS];
    unsigned count;
    unsigned each; /* how many steps are [*] */
    bool from_root;
    bool optional;
};

/* value_path_parse: ERR_INVALID, with `why` naming the byte, counted from 1, and what was due. */
enum err value_path_parse(struct text text, struct value_path *ret_path,
                          struct err_reason *why) ERR_MUST_CHECK;

/* value_path_find gives the one value of a path without [*]: from `root` when the path begins with
 * $, else from `part`. False when it is not there. */
bool value_path_find(const struct value_path *path, struct value root, struct value part,
                     struct value *ret_value);

/* Walking all values of a path with [*], in their order; one without [*] has at most one:
 *   struct value_path_walk walk = value_path_walk(&path, root, part);
 *   while (value_path_next(&walk, &v)) ...
 * walk.index[0..path->each) then tells which elements were taken. */
struct value_path_walk {
    const struct value_path *path;
    struct value from;
    struct value_walk array[VALUE_PATH_MAX_STEPS]; /* that stands at each [*] */
    unsigned step[VALUE_PATH_MAX_STEPS];           /* behind that [*] */
    unsigned index[VALUE_PATH_MAX_STEPS];
    unsigned depth; /* arrays that are open */
    bool begun;
};
struct value_path_walk value_path_walk(const struct value_path *path, struct value root,
                                       struct value part);
bool value_path_next(struct value_path_walk *walk, struct value *ret_value);

#endif
