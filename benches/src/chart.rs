//! Pictures: bars beside each other, and lines over time, as SVG that reads on light and on dark pages.

const WIDTH: f64 = 760.0;
const NAMES: f64 = 300.0;
const FIGURES: f64 = 90.0;
const ROW: f64 = 24.0;
const HEAD: f64 = 34.0;
const OURS: &str = "#2f81f7";
const OTHERS: &str = "#8b949e";
/// Where a line's axis lies, and how high the picture is above it.
const MARGIN: f64 = 60.0;
const HEIGHT: f64 = 220.0;

/// A contestant in a picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
    /// The value as it is written beside the bar.
    pub(crate) text: String,
    /// In the colour that stands out.
    pub(crate) is_ours: bool,
}

/// Each as long as its value.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let room = WIDTH - NAMES - FIGURES;
    let mut picture = Picture::new(title, HEAD + ROW * bars.len() as f64 + 8.0);
    for (place, bar) in bars.iter().enumerate() {
        let top = HEAD + ROW * place as f64;
        let length = match most > 0.0 {
            true => (bar.value / most * room).max(1.0),
            false => 1.0,
        };
        let colour = colour(bar.is_ours);
        picture.text(NAMES - 8.0, top + 15.0, "end", &bar.name);
        picture.push(&format!(
            "<rect x=\"{NAMES}\" y=\"{:.0}\" width=\"{length:.1}\" height=\"{:.0}\" rx=\"2\" fill=\"{colour}\"/>",
            top + 3.0,
            ROW - 6.0
        ));
        picture.text(NAMES + length + 6.0, top + 15.0, "start", &bar.text);
    }
    picture.end()
}

/// Values at even distances.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
    pub(crate) is_ours: bool,
}

/// One below the other at each minute, from 1 on; `unit` is of the values.
pub(crate) fn lines(title: &str, unit: &str, lines: &[Line]) -> String {
    let all = || lines.iter().flat_map(|line| line.values.iter().copied());
    let most = all().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let steps = lines
        .iter()
        .map(|line| line.values.len())
        .max()
        .unwrap_or(0);
    let bottom = HEAD + HEIGHT;
    let x = |step: usize| {
        let share = step as f64 / steps.saturating_sub(1).max(1) as f64;
        MARGIN + share * (WIDTH - 2.0 * MARGIN)
    };
    let y = |value: f64| bottom - value / most * HEIGHT;
    let legend = 24.0 * lines.len() as f64;
    let mut picture = Picture::new(title, bottom + 34.0 + legend);
    for share in [0.0, 0.5, 1.0] {
        let (at, value) = (y(share * most), share * most);
        picture.push(&format!(
            "<line x1=\"{MARGIN}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"{OTHERS}\" stroke-opacity=\"0.4\"/>",
            WIDTH - MARGIN
        ));
        picture.text(MARGIN - 6.0, at + 4.0, "end", &format!("{value:.1}"));
    }
    picture.text(MARGIN - 6.0, HEAD - 10.0, "end", unit);
    for step in 0..steps {
        picture.text(x(step), bottom + 16.0, "middle", &(step + 1).to_string());
    }
    for (place, line) in lines.iter().enumerate() {
        let points = line.values.iter().enumerate();
        let points: Vec<String> = points
            .map(|(step, value)| format!("{:.1},{:.1}", x(step), y(*value)))
            .collect();
        let colour = colour(line.is_ours);
        picture.push(&format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            points.join(" ")
        ));
        let top = bottom + 40.0 + 24.0 * place as f64;
        picture.push(&format!(
            "<rect x=\"{MARGIN}\" y=\"{:.0}\" width=\"14\" height=\"4\" fill=\"{colour}\"/>",
            top - 6.0
        ));
        picture.text(MARGIN + 22.0, top, "start", &line.name);
    }
    picture.end()
}

fn colour(is_ours: bool) -> &'static str {
    if is_ours { OURS } else { OTHERS }
}

/// What was drawn so far.
struct Picture(String);

impl Picture {
    fn new(title: &str, height: f64) -> Self {
        let title = escaped(title);
        // Letters in a grey that stands out from white and from black.
        Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#7d8590\" role=\"img\">\n\
             <title>{title}</title>\n<text x=\"0\" y=\"16\" font-weight=\"600\">{title}</text>\n"
        ))
    }

    fn push(&mut self, element: &str) {
        self.0.push_str(element);
        self.0.push('\n');
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        let text = escaped(text);
        self.push(&format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    fn end(mut self) -> String {
        self.push("</svg>");
        self.0
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, value: f64) -> Bar {
        Bar {
            name: name.to_owned(),
            value,
            text: value.to_string(),
            is_ours: false,
        }
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let picture = bars("W3 <raw> & ours", &[bar("a", 100.0), bar("b", 50.0)]);
        assert!(picture.contains("W3 &lt;raw&gt; &amp; ours"), "{picture}");
        assert!(picture.contains("width=\"370.0\""), "{picture}");
        assert!(picture.contains("width=\"185.0\""), "{picture}");
    }

    #[test]
    fn lines_end_at_the_right_margin_and_touch_the_top_at_most() {
        let line = Line {
            name: "held".to_owned(),
            values: vec![1.0, 4.0, 2.0],
            is_ours: true,
        };
        let picture = lines("claims", "ms", &[line]);
        assert!(
            picture.contains("points=\"60.0,199.0 380.0,34.0 700.0,144.0\""),
            "{picture}"
        );
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(bars("none", &[]).ends_with("</svg>\n"));
        assert!(lines("none", "ms", &[]).ends_with("</svg>\n"));
    }
}
