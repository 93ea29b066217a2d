/* Light and dark, screen and paper. Whoever draws on a canvas listens to `lctem.onTheme`. */
(() => {
  const listeners = [];
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let wanted = 'auto', printing = false;

  const apply = () => {
    const isDark = !printing && (wanted === 'dark' || (wanted === 'auto' && dark.matches));
    document.documentElement.toggleAttribute('data-dark', isDark);
    for (const listener of listeners) listener();
  };
  const paper = now => {
    if (printing === now) return;
    printing = now;
    document.documentElement.toggleAttribute('data-paper', now);
    apply();
  };

  lctem.onTheme = listener => listeners.push(listener);
  lctem.colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  lctem.isDark = () => document.documentElement.hasAttribute('data-dark');
  lctem.isPaper = () => printing;

  /* Okabe and Ito's colours, as in the film and in the plots; two of them are darker on white paper */
  const palette = ['#e69f00', '#56b4e9', '#009e73', '#d55e00', '#cc79a7', '#0072b2', '#f0e442'];
  const onPaper = {'#f0e442': '#b5a900', '#e69f00': '#d38f00'};
  const onDark = {'#0072b2': '#3c9be0'};
  lctem.series = i => {
    const colour = palette[((i % palette.length) + palette.length) % palette.length];
    return (lctem.isDark() ? onDark[colour] : onPaper[colour]) || colour;
  };

  lctem.startTheme = () => {
    const choice = document.getElementById('theme');
    choice.addEventListener('change', () => {
      wanted = choice.value;
      apply();
    });
    document.getElementById('print').addEventListener('click', () => window.print());
    dark.addEventListener('change', apply);
    window.addEventListener('beforeprint', () => paper(true));
    window.addEventListener('afterprint', () => paper(false));
    matchMedia('print').addEventListener('change', event => paper(event.matches));
    apply();
  };
})();
