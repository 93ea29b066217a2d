/* What the man pages say beyond options. The examples run as they stand, in a folder with a movie.mp4 (tests/cli/examples). */
#include "manual.h"

#include <stddef.h>

// clang-format off
const struct manual_text manual_texts[] = {
    { "lctem",
        "lctem reads a liquid-cell TEM movie of core-shell particles (video, TIFF, folder of images, microscope file) and measures, in "
        "each frame, the areas of core and shell of every particle with their errors, and what follows from them. It needs no "
        "training and no masks; the one number to give is the pixel size.\n\n"
        "Results are tables (CSV, with a JSON twin that explains each column), label masks, a video with the contours drawn on it, "
        "plots, and report.html, which shows all of it.",
        "# What is in a file\n"
        "lctem info movie.mp4\n"
        "# Look at one frame before the long run\n"
        "lctem preview movie.mp4 -o look.png --frame 20 --pixel-size 0.1333nm\n"
        "# Measure\n"
        "lctem analyze movie.mp4 -o result --pixel-size 0.1333nm --reference-time 3.2s\n",
        NULL },
    { "analyze",
        "The whole chain: background and drift are taken off, each frame is divided into liquid, shell and core, particles keep "
        "their identity through contact, merging, splitting and dissolution, and everything is measured with a standard deviation. "
        "The folder DIR of -o gets the tables, labels.tif, overlay.mp4, plots/ and report.html.\n\n"
        "A run that is stopped goes on with --resume and gives the same bytes; so does any number of threads. A folder that holds "
        "results is not overwritten without --force. Without a pixel size areas are in px and the columns in nm stay empty.\n\n"
        "With --follow, MOVIE is still being written (TIFF, MRC, a folder of images): DIR/live.html shows curves and the latest frame and "
        "loads itself anew, the tables in DIR/live keep up. They are provisional, with levels from the frames that were there when the "
        "plan was made; it is made again whenever the movie has doubled. When it has not changed for --follow-timeout, or on Ctrl-C, the ordinary "
        "analysis of what is there takes their place.\n\n"
        "Under mpirun or srun the frames are shared by the processes (docs/cluster.md).\n\n"
        "To tune, use lctem preview first; to see what it did, open report.html.",
        "# A movie with a known pixel size\n"
        "lctem analyze movie.mp4 -o result --pixel-size 0.1333nm --reference-time 3.2s\n"
        "# Every second frame of a part of the picture, at 5 frames a second\n"
        "lctem analyze movie.mp4 -o part --pixel-size 0.1333nm --fps 5 --frames 0:30:2 --roi 40,40,320,320 --reference-time 3.2s\n"
        "# With the settings of an earlier run\n"
        "lctem analyze movie.mp4 -o again -c result/recipe.yaml\n",
        "lctem-preview(1), lctem-report(1), lctem-recipe(5)" },
    { "batch",
        "Runs lctem analyze over many movies: each gets a folder in DIR, called as its file or as the list says, and batch.csv says in "
        "a row what came out of each. A movie that fails is a row too, and the next one is begun; the exit status is then that of the "
        "first that failed. What is given on the command line holds for all.\n\n"
        "LIST is a text file (.txt, .lst or .list) with one movie a line, and behind it what holds for that movie only, as KEY=VALUE "
        "of a recipe, name=FOLDER or config=FILE. Quotes hold words with blanks together, # begins a remark, paths are beside the "
        "list. Instead of a list, movies can be given as words.\n\n"
        "With --resume, movies that are done are not done again, and the others go on where they stopped. Under mpirun or srun, each "
        "process takes the next movie that nobody has begun (docs/cluster.md): put the long ones first.",
        "# All movies of a list\n"
        "lctem batch movies.txt -o batch --pixel-size 0.1333nm\n"
        "# What was added since, and what has failed\n"
        "lctem batch movies.txt -o batch --pixel-size 0.1333nm --resume\n",
        "lctem-analyze(1), lctem-recipe(5)" },
    { "measure",
        "The chain of lctem analyze from masks that were made elsewhere (Fiji, ilastik, a U-Net) instead of from levels: LABELS is a "
        "stack with 0 liquid, 2p - 1 the core of particle p, 2p its shell. With --movie, edges are sought in the movie below the "
        "pixel, and lattices are measured; without it, the masks are measured as they are.",
        "# The masks of a run, measured again with the movie\n"
        "lctem measure result/labels.tif --movie movie.mp4 -o measured --pixel-size 0.1333nm --reference-time 3.2s\n",
        "lctem-analyze(1)" },
    { "thickness",
        "Measures plate and core across a plate that is seen edge-on. The line across it is found, or given with --line. What it prints "
        "is a recipe that lctem concentration reads.",
        "# From a side view, across a given line\n"
        "lctem thickness still.tif --line 80,200,200,200 --pixel-size 0.1333nm\n",
        "lctem-concentration(1)" },
    { "concentration",
        "Turns the areas of a folder that lctem analyze has made, or of a table like its areas.csv, into volumes, amounts and the "
        "concentrations of both ions in the liquid, with two anchors: saturation at a reference instant, and the feed solution in "
        "the first frame. Finds stages, rates and correlations. docs/concentrations.md has the equations.\n\n"
        "With --compare-dose, several folders: one table of cracks and growth against dose.",
        "# Concentrations again, with other thicknesses\n"
        "lctem concentration result --core-thickness 6nm --plate-thickness 11nm --reference-time 3.2s -f\n",
        "lctem-analyze(1)" },
    { "preview",
        "Segments one frame as lctem analyze would, and draws it beside the same frame with what was found. On stdout it prints the "
        "settings that matter, with what auto has become: the beginning of a recipe. Meant to tune by: it looks at a few frames only, "
        "so its numbers differ from those of the whole run.",
        "# Look, and keep the settings\n"
        "lctem preview movie.mp4 -o look.png --frame 20 --pixel-size 0.1333nm > recipe.yaml\n"
        "# The same with less smoothing\n"
        "lctem preview movie.mp4 -o look.png -f --frame 20 -c recipe.yaml --smoothing 0.1nm\n",
        "lctem-analyze(1), lctem-recipe(5)" },
    { "compare",
        "Lays films against simulations on the same columns and one time base: DIR are folders of lctem analyze, MCDIR those of lctem "
        "mc. docs/compare.md says what is compared, and what each number means.\n\n"
        "Without -o the comparison goes into the folder of the first film, where lctem report finds it.",
        "# Growth of the model's crystal with a shell, eight times, and the film beside it\n"
        "lctem mc grow -o grow --preset metastable-shell --replicas 8 --every 1000\n"
        "lctem compare result --mc grow -o comparison\n"
        "# The same with the waits of twenty more, as a part of the film's report\n"
        "lctem mc doubling -o ensemble --preset metastable-shell --shell yes --replicas 20\n"
        "lctem compare result --mc grow ensemble\n"
        "lctem report result\n",
        "lctem-analyze(1), lctem-mc(1), lctem-report(1)" },
    { "reproduce",
        "One row for each number and figure of the paper (Zhang et al., Nat. Commun. 2022) that can be computed: the paper's value, ours "
        "with its sigma, the command that makes it, and a verdict. DIR (default: reproduction) gets reproduce.csv, a page "
        "reproduction.md with tables and figures, and the films, tables and ensembles that the rows rest on. On one core --quick takes about "
        "a minute, all of it about three. docs/reproduction.md shows the result.",
        "# A first look: every second frame, small ensembles\n"
        "lctem reproduce --quick -o quick\n"
        "# All of it; the page to read is reproduction/reproduction.md\n"
        "lctem reproduce -o reproduction\n",
        "lctem-phantom(1), lctem-analyze(1), lctem-mc(1)" },
    { "info",
        "Says what is in a file: format, frames, size, type, and what the file knows of pixel size, frame time and dose.",
        "# For a script\n"
        "lctem info --json movie.mp4\n"
        "# Read everything: smallest, largest, mean, sum\n"
        "lctem info --stats movie.mp4\n",
        "lctem-analyze(1)" },
    { "convert",
        "Writes a movie again: as a TIFF stack, an MRC stack, a video, or a sequence of PNG files, whichever the ending of FILE says. "
        "Pixel size and frame time go with it. Samples keep their type where the format has it; means and aligned frames become floats "
        "in TIFF and MRC. Where a format has fewer bits, a warning says how to get the values back. docs/formats has the details.",
        "# For Fiji, half the size\n"
        "lctem convert movie.mp4 -o small.tif --pixel-size 0.1333nm --bin 2\n"
        "# A part of it with the drift taken out\n"
        "lctem convert movie.mp4 -o still.mrc --pixel-size 0.1333nm --frames 0:20 --align\n",
        "lctem-info(1)" },
    { "moire",
        "Finds two lattices in the Fourier transform of an image or of one frame, measures their spacings and the angle between "
        "them, and checks the Moire period against theory, equation (4). Without --d1 and --d2 it looks for Cd and CdCl2; with "
        "--blind it takes the two strongest. docs/moire.md explains the numbers.",
        "# One frame\n"
        "lctem moire movie.mp4 --frame 5 --pixel-size 0.1333nm\n",
        "lctem-analyze(1)" },
    { "phantom",
        "Renders a synthetic movie from a scene, and writes its exact areas, facets, cracks and drift beside it: to try settings "
        "where the answer is known. docs/scene.md describes scenes.",
        "# A movie of known truth\n"
        "lctem phantom scene.yaml -o phantom/movie.mp4\n",
        "lctem-analyze(1)" },
    { "report",
        "Makes report.html of a folder of results again: one file that works offline and by mail. It shows the film beside the "
        "curves (moving over a curve moves the film), stages and events to click, contours, kymographs, cracks, lattices, the "
        "comparison with the model, warnings, provenance, and holds each table as a download. What is not in the folder is left out.\n\n"
        "Very long tables and films are not embedded but linked; a warning says so.",
        "# After a change of the tables\n"
        "lctem report result\n",
        "lctem-analyze(1), lctem-concentration(1)" },
    { "mc",
        "The lattice model of core and shell: trajectories of growth, doubling times with and without shell, free energies, maps over "
        "parameters, pictures. docs/lattice-model.md explains the model and its readings.",
        "# Doubling times with and without shell\n"
        "lctem mc doubling -o model --replicas 4 --seed 3\n",
        "lctem-analyze(1)" },
    { "help",
        "Without a word: all commands. With one: its options. With --man PAGE: a man page (a command, lctem, or recipe) as roff. With "
        "--completion bash|zsh: completion for that shell.",
        "# The options of a command\n"
        "lctem help analyze\n"
        "# A man page without installing it\n"
        "lctem help --man analyze\n"
        "# Completion in this shell\n"
        "lctem help --completion bash\n",
        NULL },
    { "recipe",
        "A recipe is a YAML mapping of keys to values. Every option of the command line is a key, with _ for -, but for those that are "
        "about one run only (threads, quiet, output ...). Flags have the last word over the recipe, the recipe over the "
        "defaults. Keys of other commands are skipped, unknown ones are errors that suggest the nearest name.\n\n"
        "Lengths may carry their unit (0.05nm, 50pm, 0.5A), times too (0.2s, 40ms). lctem analyze writes the whole recipe of a run "
        "beside its results; --dump-config prints it.",
        "# Every key with its meaning\n"
        "lctem analyze --dump-config\n",
        NULL },
    { .command = NULL },
};
// clang-format on
