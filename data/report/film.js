/* The film and the instant that everything shows. Curves, maps and marks set the instant with `lctem.show`
   and hear of it through `lctem.onShow`; the film is one of them. */
(() => {
  const listeners = [];
  let video = null, wanted = -1, pending = false;

  /* Frames in the order of the film: number, time (the axis of all curves), time in the film. */
  const axis =
    {frames: new Float64Array(0), x: new Float64Array(0), film_s: new Float64Array(0), timed: false};
  lctem.axis = axis;
  lctem.index = 0;

  const nearest = (values, x) => {
    let low = 0, high = values.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] < x) low = middle + 1;
      else high = middle;
    }
    return low > 0 && Math.abs(values[low - 1] - x) <= Math.abs(values[low] - x) ? low - 1 : low;
  };
  lctem.nearest = nearest;
  lctem.indexAt = x => nearest(axis.x, x);
  lctem.indexOfFrame = frame => nearest(axis.frames, frame);

  lctem.makeAxis = () => {
    const stems = ['frames', 'areas', 'drift', 'concentration', 'facets', 'lattice', 'moire'];
    const table = stems.map(lctem.table).find(entry => entry && entry.length > 0);
    if (!table || !table.has('frame')) return;
    const frame = table.number('frame'), time = table.number('time_s');
    const keep = [];
    for (let i = 0; i < frame.length; i++)
      if (i === 0 || frame[i] !== frame[keep[keep.length - 1]]) keep.push(i);
    axis.timed = table.filled('time_s');
    axis.frames = Float64Array.from(keep, i => frame[i]);
    axis.x = axis.timed ? Float64Array.from(keep, i => time[i]) : axis.frames;
    axis.film_s = Float64Array.from(keep,
      (i, k) => (axis.timed ? time[i] - time[0] :
                              (k * table.every) / 10)); /* without times the film has 10 frames/s */
  };

  lctem.onShow = listener => listeners.push(listener);

  const seek = target => {
    if (!video) return;
    if (video.seeking) {
      wanted = target;
      return;
    }
    wanted = -1;
    if (Math.abs(video.currentTime - target) > 1e-6) video.currentTime = target;
  };

  const announce = () => {
    pending = false;
    for (const listener of listeners) listener(lctem.index);
  };

  /* Show frame `index`; `from` is 'film' when the film is there already. */
  lctem.show = (index, from, film_s) => {
    const n = axis.x.length;
    if (n === 0) return;
    lctem.index = Math.max(0, Math.min(n - 1, index));
    if (from !== 'film') {
      if (video && !video.paused) video.pause();
      /* a rounded time must not fall on the frame before */
      seek((film_s === undefined ? axis.film_s[lctem.index] : film_s) + 0.0005);
    }
    if (!pending) {
      pending = true;
      requestAnimationFrame(announce);
    }
  };

  /* Show an instant that may lie between two frames: the film goes there, and shows the frame before it. */
  lctem.showTime = x => {
    const k = nearest(axis.x, x), before = axis.x[k] > x + 1e-6 && k > 0 ? k - 1 : k;
    const late = axis.timed ? Math.max(0, x - axis.x[before]) : 0;
    lctem.show(before, 'event', axis.film_s[before] + late);
  };

  const follow = (now, facts) => {
    if (!video.paused || !facts)
      lctem.show(nearest(axis.film_s, (facts || {mediaTime: video.currentTime}).mediaTime), 'film');
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(follow);
  };

  lctem.togglePlay = () => {
    if (!video) return;
    if (!video.paused) video.pause();
    else {
      if (lctem.index >= axis.x.length - 1) lctem.show(0);
      video.play();
    }
  };

  const controls = () => {
    const h = lctem.element;
    const play =
      h('button', {type: 'button', id: 'play', 'aria-label': 'Play', onclick: lctem.togglePlay}, '\u25b6');
    const slider = h('input', {
      type: 'range',
      id: 'slider',
      min: 0,
      max: Math.max(0, axis.x.length - 1),
      value: 0,
      'aria-label': 'Frame',
      oninput: () => lctem.show(Number(slider.value))
    });
    const speed = h('select', {
      'aria-label': 'Speed',
      onchange: () => {
        video.playbackRate = Number(speed.value);
      }
    },
      ...[0.25, 0.5, 1, 2, 4, 8, 16].map(
        rate => h('option', {value: rate, selected: rate === 1}, `${rate}\u00d7`)));
    const clock = h('p', {class: 'clock', id: 'clock'});
    video.addEventListener('play', () => {
      play.textContent = '\u23f8';
      play.setAttribute('aria-label', 'Pause');
    });
    video.addEventListener('pause', () => {
      play.textContent = '\u25b6';
      play.setAttribute('aria-label', 'Play');
    });
    lctem.onShow(index => {
      slider.value = index;
      const words = `frame ${axis.frames[index]}${axis.timed ? `, ${lctem.format(axis.x[index], 6)} s` : ''}`;
      clock.textContent = words;
      slider.setAttribute('aria-valuetext', words);
    });
    return [h('div', {class: 'controls'}, play, slider, speed), clock];
  };

  /* Paper shows the frame that the screen shows; a video need not be printed. */
  const still = canvas => {
    if (!video.videoWidth) return;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext('2d').drawImage(video, 0, 0);
  };

  lctem.startFilm = () => {
    const data = document.getElementById('film-data');
    const section = document.getElementById('film');
    if (!data || axis.x.length === 0) {
      document.querySelector('.bench').classList.add('plain');
      return;
    }
    section.hidden = false;
    video = lctem.element('video', {
      id: 'video',
      playsinline: true,
      preload: 'auto',
      muted: true,
      'aria-label': 'The movie with the contours of cores (solid) and particles (dashed) drawn on it',
      onclick: lctem.togglePlay
    });
    video.src = data.dataset.href ||
      URL.createObjectURL(new Blob([lctem.bytesOf(data.textContent)], {type: 'video/mp4'}));
    data.textContent = '';
    const canvas = lctem.element('canvas', {'aria-hidden': 'true'});
    section.append(video, canvas, ...controls());
    if (data.dataset.href)
      section.append(lctem.element('p', {class: 'note'},
        'The film is too long to be part of this file: overlay.mp4 must lie beside it.'));
    video.addEventListener('seeked', () => {
      if (wanted >= 0) seek(wanted);
      else still(canvas);
    });
    video.addEventListener('loadeddata', () => still(canvas));
    video.addEventListener('pause', () => still(canvas));
    video.addEventListener('error',
      () => section.append(lctem.element(
        'p', {class: 'notice'}, 'This browser cannot show the film; the numbers do not need it.')),
      {once: true});
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(follow);
    else video.addEventListener('timeupdate', () => follow());
  };

  const steps = {ArrowLeft: -1, ArrowRight: 1};
  lctem.startKeys = () => document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tag = event.target.tagName;
    if (/^(INPUT|SELECT|TEXTAREA|VIDEO)$/.test(tag) ||
      (/^(BUTTON|SUMMARY|A)$/.test(tag) && event.key === ' '))
      return;
    if (event.key === ' ') lctem.togglePlay();
    else if (event.key === 'Home') lctem.show(0);
    else if (event.key === 'End') lctem.show(axis.x.length - 1);
    else if (event.key === '0') lctem.showAllTimes();
    else if (steps[event.key]) lctem.show(lctem.index + steps[event.key] * (event.shiftKey ? 10 : 1));
    else return;
    event.preventDefault();
  });
})();
