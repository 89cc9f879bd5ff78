// SPDX-License-Identifier: Apache-2.0
//
// Measures the contrast of every text in sight against what is painted behind it (WCAG 2.2, success
// criterion 1.4.3: 4.5, or 3 for large text). Backgrounds are looked up through the ancestors.

/** Returns {low: [text and ratio], checked}. */
export function measureContrast(page) {
  return page.evaluate(() => {
    const parse = (text) => {
      const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
      return [r, g, b, a];
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((c, k) => c * a + below[k] * (1 - a));
    const luminance = (rgb) =>
      rgb
        .map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
    const ground = (element) => {
      const layers = [];
      for (let e = element; e; e = e.parentElement)
        layers.push(parse(getComputedStyle(e).backgroundColor));
      return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const low = [];
    let checked = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const style = getComputedStyle(element);
      if (
        !walker.currentNode.data.trim() ||
        !element.checkVisibility() ||
        element.closest('noscript, script, :disabled, option')
      )
        continue;
      if (parseFloat(style.fontSize) === 0) continue;
      const behind = ground(element);
      const [a, b] = [luminance(over(parse(style.color), behind)), luminance(behind)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const large =
        parseFloat(style.fontSize) >= 24 ||
        (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
      checked += 1;
      if (ratio < (large ? 3 : 4.5))
        low.push(
          `${ratio.toFixed(2)} ${element.tagName}.${element.className} ${walker.currentNode.data.slice(0, 40)}`,
        );
    }
    return { low: [...new Set(low)], checked };
  });
}
