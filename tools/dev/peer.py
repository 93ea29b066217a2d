#!/usr/bin/python3
"""A peer to measure lctem against: the script that a microscopist who knows scikit-image and OpenCV would write in a week.

usage: peer.py MOVIE -o DIR --pixel-size NM [--frames N] [--average N] [--everything]

H.264 decoded by OpenCV; drift by phase_cross_correlation against the first frames; background by a second-order polynomial through the
liquid; Gaussian smoothing; multi-Otsu levels of the whole movie, not of each frame, for those jump; morphology; a watershed from the cores where
shells touch; regionprops; identities by overlap; outlines below the pixel by find_contours. One setting for all movies. Writes areas.csv and
drift.csv with the names of lctem's columns, and prints the seconds of each stage as JSON.

With --everything also what else lctem makes of each frame, in the plainest way that gives a number: contours.csv, six facet heights as the
reach of the contour along six directions, the rim's gaps by sampling along rays, the spectrum of each core and its strongest peaks, a label
stack, an overlay video. What it never does: errors, cracks as things with a life, indexing, events, concentrations, plots, report. For
speed on one core, libraries are kept to one thread, as `lctem --threads 1` is.
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
from scipy import fft, ndimage as ndi
from skimage.feature import peak_local_max
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


class Everything:
    """What lctem makes of a frame besides areas and drift."""

    FACETS, RAYS, DEPTHS, PEAKS = 6, 360, 32, 8

    def __init__(self, folder, frames, fps, px_nm):
        import tifffile

        self.px_nm = px_nm
        self.tables = {}
        for name, columns in (("contours", "frame particle x_px y_px"), ("facets", "frame particle facet height_nm"),
                ("gaps", "frame particle rays"), ("peaks", "frame particle gx_per_nm gy_per_nm power")):
            file = open(os.path.join(folder, name + ".csv"), "w", newline="")
            self.tables[name] = csv.writer(file)
            self.tables[name].writerow(columns.split())
        self.labels = tifffile.TiffWriter(os.path.join(folder, "labels.tif"))
        size = frames[0].shape[::-1]
        self.video = cv2.VideoWriter(os.path.join(folder, "overlay.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), fps, size)

    def facets(self, k, name, contour, centre):
        angles = np.arange(self.FACETS) * 2 * np.pi / self.FACETS
        away = contour - centre
        for i, a in enumerate(angles):
            self.tables["facets"].writerow((k, name, i, np.quantile(away @ (np.sin(a), np.cos(a)), 0.98) * self.px_nm))

    def gaps(self, k, name, plane, contour, centre, light):
        step = max(1, len(contour) // self.RAYS)
        feet = contour[::step]
        out = feet - centre
        out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
        places = feet[:, None] + out[:, None] * np.linspace(1, 25, self.DEPTHS)[None, :, None]
        rim = ndi.map_coordinates(plane, places.reshape(-1, 2).T, order=1, mode="nearest").reshape(len(feet), -1)
        self.tables["gaps"].writerow((k, name, int((rim[:, :8].mean(1) > light).sum())))

    def spectrum(self, k, name, plane, core, region):
        y0, x0, y1, x1 = region.bbox
        inside = (core[y0:y1, x0:x1] == region.label).astype(np.float32)
        weight = cv2.GaussianBlur(ndi.binary_erosion(inside, iterations=4).astype(np.float32), (0, 0), 3)
        cut = plane[y0:y1, x0:x1]
        cut = (cut - cv2.GaussianBlur(cut, (0, 0), 12)) * weight
        side = fft.next_fast_len(2 * max(cut.shape))
        power = np.abs(fft.rfft2(cut, (side, side), workers=1)) ** 2
        for y, x in peak_local_max(power, min_distance=3, num_peaks=self.PEAKS, exclude_border=False):
            gy = (y if y < side / 2 else y - side) / side / self.px_nm
            self.tables["peaks"].writerow((k, name, x / side / self.px_nm, gy, power[y, x]))

    def add(self, k, frame, raw, plane, core, whole, names, levels):
        picture = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
        for region in regionprops(core):
            name = names[region.label]
            y0, x0, y1, x1 = (max(0, b + m) for b, m in zip(region.bbox, (-4, -4, 4, 4)))
            contours = find_contours(plane[y0:y1, x0:x1], levels[0])
            if not contours:
                continue
            contour = max(contours, key=len) + (y0, x0)
            self.tables["contours"].writerows((k, name, x, y) for y, x in contour)
            self.facets(k, name, contour, region.centroid)
            self.gaps(k, name, plane, contour, region.centroid, levels[1])
            self.spectrum(k, name, raw, core, region)
            cv2.polylines(picture, [np.round(contour[:, ::-1]).astype(np.int32)], True, (0, 160, 230), 2, cv2.LINE_AA)
        for contour in find_contours(whole > 0, 0.5):
            cv2.polylines(picture, [np.round(contour[:, ::-1]).astype(np.int32)], True, (230, 180, 90), 2, cv2.LINE_AA)
        stack = np.zeros(core.shape, np.uint16)
        for number, name in names.items():
            stack[whole == number] = 2 * name
            stack[core == number] = 2 * name - 1
        self.labels.write(stack, compression="zlib", contiguous=False)
        self.video.write(picture)

    def close(self):
        self.labels.close()
        self.video.release()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("movie")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--pixel-size", type=float, required=True)
    parser.add_argument("--frames", type=int, default=0)
    parser.add_argument("--average", type=int, default=1, help="frames of a running mean")
    parser.add_argument("--everything", action="store_true", help="facets, gaps, spectra, label stack, overlay as well")
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

    everything = Everything(args.output, frames, fps, args.pixel_size) if args.everything else None
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
        if everything:
            everything.add(k, frame, frame / background, plane, core, whole, names, levels)
        else:
            find_contours(plane, levels[0])
            find_contours(plane, levels[1])
        clock.lap("measure")

    if everything:
        everything.close()
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
