// Sets the colour theme before the first paint: the stored choice, else what the system prefers.
const media = matchMedia('(prefers-color-scheme: dark)');

function apply() {
  const choice = localStorage.getItem('theme') ?? 'auto';
  const dark = choice === 'dark' || (choice === 'auto' && media.matches);
  document.documentElement.dataset.bsTheme = dark ? 'dark' : 'light';
  document.documentElement.dataset.themeChoice = choice;
}

apply();
media.addEventListener('change', apply);
addEventListener('schoolflow:theme', apply);
