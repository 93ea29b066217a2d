#!/usr/bin/python3
"""A peer to measure lctem against: the script that a microscopist who knows scikit-image and OpenCV would write in a week.

usage: peer.py MOVIE -o DIR --pixel-size NM [--frames N] [--average N]

H.264 decoded by OpenCV; drift by phase_cross_correlation against the first frames; background by a second-order polynomial through the
liquid; Gaussian smoothing; multi-Otsu levels of the whole movie, not of each frame, for those jump; morphology; a watershed from the cores where
shells touch; regionprops; identities by overlap; outlines below the pixel by find_contours. One setting for all movies. Writes areas.csv and
drift.csv with the names of lctem's columns, and prints the seconds of each stage as JSON.

What it does not do: errors, facets, cracks, lattices, Moire, events, label stack, overlay, report. For speed on one core, libraries
are kept to one thread, as `lctem --threads 1` is; several processes would scale both alike.
Needs Debian's python3-opencv and python3-skimage (not needed to build, run or test lctem).
"""
import argparse
import csv
import json
import os
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import cv2
import numpy as np
from scipy import ndimage as ndi
from skimage.filters import threshold_multiotsu
from skimage.measure import find_contours, regionprops
from skimage.registration import phase_cross_correlation
from skimage.segmentation import watershed

SIGMA_PX = 1.5       # of the smoothing
SURVEY = 24          # frames from which levels and background come
MIN_CORE_NM2 = 8.0   # what is smaller is dirt
MIN_SHELL_PX = 30


class Clock:
    """Seconds of each stage."""

    def __init__(self):
        self.seconds, self.last = {}, time.perf_counter()

    def lap(self, stage):
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self.last
        self.last = now


def read_all(path, limit):
    """All frames as grey; a movie that does not fit into memory would need a second pass here."""
    movie = cv2.VideoCapture(path)
    frames, fps = [], movie.get(cv2.CAP_PROP_FPS) or 1.0
    while limit == 0 or len(frames) < limit:
        there, frame = movie.read()
        if not there:
            break
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))
    return frames, fps


def background_of(mean):
    """Second-order polynomial through the brightest mode (the liquid), fitted again without what lies below it."""
    small = cv2.resize(mean, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[0 : small.shape[0], 0 : small.shape[1]] / max(small.shape) - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).reshape(-1, 6)
    values, keep = small.ravel(), small.ravel() > threshold_multiotsu(small, 3)[1]
    for _ in range(4):
        fit = np.linalg.lstsq(terms[keep], values[keep], rcond=None)[0]
        off = values - terms @ fit
        spread = 1.4826 * np.median(np.abs(off[keep] - np.median(off[keep])))
        keep = np.abs(off) < 2.5 * spread
    surface = (terms @ fit).reshape(small.shape).astype(np.float32)
    return cv2.resize(surface, mean.shape[::-1], interpolation=cv2.INTER_LINEAR)


def prepare(frame, background):
    return cv2.GaussianBlur(frame.astype(np.float32) / background, (0, 0), SIGMA_PX)


CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def pieces_of(mask, least_px):
    """Connected pieces of at least so many pixels, numbered from 1."""
    n, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    keep = stats[:, cv2.CC_STAT_AREA] >= least_px
    keep[0] = False
    return (np.cumsum(keep) * keep)[pieces]


def segment(plane, levels, min_core_px):
    """Label image of cores and of whole particles, the same number for both."""
    dark, light = levels
    core = cv2.morphologyEx((plane < dark).astype(np.uint8), cv2.MORPH_OPEN, CROSS, iterations=2)
    core = pieces_of(ndi.binary_fill_holes(core), min_core_px)
    matter = cv2.morphologyEx(((plane < light) | (core > 0)).astype(np.uint8), cv2.MORPH_OPEN, CROSS)
    pieces = pieces_of(matter, MIN_SHELL_PX)
    wanted = np.zeros(pieces.max() + 1, bool)
    wanted[pieces[core > 0]] = True
    wanted[0] = False
    far = cv2.distanceTransform((core == 0).astype(np.uint8), cv2.DIST_L2, 5)
    return core, watershed(far, core, mask=wanted[pieces])


def follow(core, before, next_id):
    """Identities by the largest overlap with the frame before."""
    names, taken = {}, set()
    for region in regionprops(core):
        under = before[core == region.label] if before is not None else np.zeros(1, int)
        counts = np.bincount(under)
        counts[0] = 0
        old = int(counts.argmax()) if counts.any() else 0
        if old == 0 or old in taken:
            old, next_id = next_id, next_id + 1
        taken.add(old)
        names[region.label] = old
    return names, next_id


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("movie")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--pixel-size", type=float, required=True)
    parser.add_argument("--frames", type=int, default=0)
    parser.add_argument("--average", type=int, default=1, help="frames of a running mean")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    os.makedirs(args.output, exist_ok=True)
    clock, px2 = Clock(), args.pixel_size**2

    frames, fps = read_all(args.movie, args.frames)
    clock.lap("decode")
    some = frames[:: max(1, len(frames) // SURVEY)]
    background = background_of(np.mean(some, axis=0, dtype=np.float32))
    planes = [prepare(f, background) for f in some]
    levels = np.median([threshold_multiotsu(p, 3) for p in planes], axis=0)
    anchor = cv2.resize(prepare(frames[0], background), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    clock.lap("plan")

    areas, drifts, before, next_id = [], [], None, 1
    for k, frame in enumerate(frames):
        plane = prepare(frame, background)
        clock.lap("prepare")
        half = cv2.resize(plane, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        shift = -2.0 * phase_cross_correlation(anchor, half, upsample_factor=10, return_error=False)
        drifts.append((k, shift[1], shift[0]))
        clock.lap("drift")
        if args.average > 1:
            near = frames[max(0, k - args.average // 2) : k + args.average // 2 + 1]
            plane = prepare(np.mean(near, axis=0, dtype=np.float32), background)
        core, whole = segment(plane, levels, int(MIN_CORE_NM2 / px2))
        clock.lap("segment")
        names, next_id = follow(core, before, next_id)
        before = np.zeros_like(core)
        for number, name in names.items():
            before[core == number] = name
        clock.lap("track")
        cores = {r.label: r.area for r in regionprops(core)}
        for region in regionprops(whole):
            y, x = region.centroid
            core_px = cores.get(region.label, 0)
            areas.append((k, k / fps, names[region.label], core_px * px2, (region.area - core_px) * px2, x, y))
        find_contours(plane, levels[0])
        find_contours(plane, levels[1])
        clock.lap("measure")

    with open(os.path.join(args.output, "areas.csv"), "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["frame", "time_s", "particle", "core_area_nm2", "shell_area_nm2", "cx_px", "cy_px", "flags"])
        out.writerows([*row, ""] for row in areas)
    with open(os.path.join(args.output, "drift.csv"), "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["frame", "dx_px", "dy_px", "dx_nm", "dy_nm"])
        out.writerows([k, x, y, x * args.pixel_size, y * args.pixel_size] for k, x, y in drifts)
    clock.lap("write")
    print(json.dumps({"frames": len(frames), "seconds": {k: round(v, 4) for k, v in clock.seconds.items()}}))


if __name__ == "__main__":
    main()
