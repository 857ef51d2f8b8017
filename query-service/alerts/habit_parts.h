/* What the files of alerts/habit.h share. Only for them. */
#ifndef ALERTS_HABIT_PARTS_H
#define ALERTS_HABIT_PARTS_H

#include "query-service/alerts/habit.h"
#include "query-service/alerts/habit_device.h"
#include "query-service/alerts/habit_statement.h"
#include "query-service/alerts/index.h"

#define HABIT_NAME_MAX 255

/* A device of one source. */
struct habit_entry {
    struct index_entry at; /* key: the source's number in one byte, the device */
    struct habit_pace pace;
    uint16_t heard; /* in which windows of the stretch at hand */
};

struct habit_fields {
    struct buf names; /* each with its NUL */
    unsigned count;
};

struct habit {
    struct index devices;
    struct habit_fields fields[HABIT_SOURCES];
    int64_t newest_ns; /* of the writer's reports in the store: it is complete to there */
    int64_t
        oldest_ns; /* report of the 24 h before the start: before it there is nothing to learn */
    int64_t learned_ns; /* to here; 0: nothing yet */
    int64_t report_ns;  /* the last report within that */
    int64_t away_ns;    /* when the writer came back last */
    bool caught_up;     /* with what was there at the start */
    int64_t wait_ns;    /* no stretch is asked before; after failures */
    unsigned failures;
    /* The plan under way: its statements are newest, oldest while nothing is learned, then the
     * fields of each source, then the reports and what was heard. */
    unsigned asked; /* how many */
    bool asked_fields;
    struct habit_stretch stretch; /* window_s 0: none */
    int64_t asked_ns;
};

/* The device of a source, NULL when it is not known. */
struct habit_entry *habit_entry_of(const struct habit *habit, unsigned source, struct text name);

#endif
