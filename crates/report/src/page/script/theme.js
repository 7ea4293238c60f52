// Light or dark: as the system says, until somebody chooses.

const themes = ["system", "light", "dark"];
const themeListeners = [];

function setTheme(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const words = { system: "as the system", light: "light", dark: "dark" };
  document.getElementById("theme").textContent = `Theme: ${words[theme]}`;
  themeListeners.forEach((listener) => listener());
}

{
  let theme = 0;
  document.getElementById("theme").addEventListener("click", () => {
    theme = (theme + 1) % themes.length;
    setTheme(themes[theme]);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => themeListeners.forEach((tell) => tell()));
}

