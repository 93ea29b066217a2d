/* Protects: the rows of events.csv stand in the order of their times, whoever wrote them when. */
#include "../../src/pipeline/events_sort.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <folder.h>
#include <lctem/file.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(events_sort, .init = folder_make, .fini = folder_remove);

static const char header[] = "event,frame,time_s,particle,other,facet\n";

static void sorts_to(const char *rows, const char *sorted)
{
    char path[4096], before[512], wanted[512], *text;
    size_t n;
    snprintf(path, sizeof path, "%s/events.csv", folder);
    snprintf(before, sizeof before, "%s%s", header, rows);
    snprintf(wanted, sizeof wanted, "%s%s", header, sorted);
    cr_assert(lct_file_write(path, before, strlen(before), NULL) == LCT_OK);
    cr_assert(events_sort(folder, NULL) == LCT_OK);
    cr_assert(lct_file_read(&text, &n, path, 4096, NULL) == LCT_OK);
    cr_assert(eq(str, text, wanted));
    free(text);
}

/* Layers have times between frames: those of one frame are not in order as they come, facet by facet. */
Test(events_sort, rows_rise_in_time)
{
    sorts_to("contact,9,1.8,1,2,\nlayer_removed,5,1.116,2,,0\nlayer_removed,5,1.027,2,,1\nlayer_added,5,1.042,1,,3\n",
        "layer_removed,5,1.027,2,,1\nlayer_added,5,1.042,1,,3\nlayer_removed,5,1.116,2,,0\ncontact,9,1.8,1,2,\n");
}

Test(events_sort, those_of_one_instant_stay_as_they_are)
{
    sorts_to(
        "split,3,0.6,4,,\nappear,3,0.6,5,,\nappear,0,0,1,,\n", "appear,0,0,1,,\nsplit,3,0.6,4,,\nappear,3,0.6,5,,\n");
}

/* Frames without a clock. */
Test(events_sort, without_times_frames_count)
{
    sorts_to("split,13,,4,,\nappear,2,,5,,\nappear,0,,1,,\n", "appear,0,,1,,\nappear,2,,5,,\nsplit,13,,4,,\n");
    sorts_to("", "");
}
