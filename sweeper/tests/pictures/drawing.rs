//! A row of the dashboard as a picture.

use fixtures::svg::{Canvas, GREY};

use crate::dashboard::{Named, Panel, Row, bound};
use crate::incident::Mark;
use crate::units::{axis, shown};

/// A column of Grafana's grid, and a line of it.
const COLUMN: f64 = 41.0;
const LINE: f64 = 31.0;
const COLUMNS: f64 = 24.0;
const GAP: f64 = 8.0;
/// The title of the row.
const HEAD: f64 = 28.0;
/// Seen on white and on black.
const COLOURS: [&str; 8] = [
    "#2f81f7", "#2ea043", "#d29922", "#e5534b", "#a371f7", "#1b9aaa", "#db61a2", "#8b949e",
];
const MOST_IN_A_LEGEND: usize = 8;
/// About so wide is a letter of a legend.
const LETTER: f64 = 6.2;

/// What of time is shown: Unix seconds, and what happened then.
#[derive(Debug)]
pub(crate) struct Span<'a> {
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) step: f64,
    pub(crate) marks: &'a [Mark],
}

/// Where something is drawn.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn x(&self, at: f64, span: &Span<'_>) -> f64 {
        let share = (at - span.start) / (span.end - span.start);
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }

    fn y(&self, share: f64) -> f64 {
        self.bottom - share * (self.bottom - self.top)
    }
}

pub(crate) fn row(row: &Row, data: &[Vec<Named>], span: &Span<'_>) -> String {
    let top = row
        .panels
        .iter()
        .map(|panel| panel.place[1])
        .fold(f64::MAX, f64::min);
    let below = |panel: &Panel| panel.place[1] + panel.place[3] - top;
    let lines = row.panels.iter().map(below).fold(0.0, f64::max);
    let mut canvas = Canvas::new(&row.title, COLUMNS * COLUMN, HEAD + lines * LINE);
    for (panel, series) in row.panels.iter().zip(data) {
        let [x, y, wide, high] = panel.place;
        let area = Area {
            left: x * COLUMN + GAP / 2.0,
            top: HEAD + (y - top) * LINE + GAP / 2.0,
            right: (x + wide) * COLUMN - GAP / 2.0,
            bottom: HEAD + (y - top + high) * LINE - GAP / 2.0,
        };
        frame(&mut canvas, panel, &area);
        match panel.kind.as_str() {
            _ if series.is_empty() => {
                let middle = (area.left + area.right) / 2.0;
                canvas.text(middle, (area.top + area.bottom) / 2.0, "middle", "no data");
            }
            "stat" => number(&mut canvas, panel, series, &area),
            "table" => names(&mut canvas, series, &area),
            "heatmap" => heat(&mut canvas, panel, series, &area, span),
            _ => lines_over_time(&mut canvas, panel, series, &area, span),
        }
    }
    canvas.end()
}

fn frame(canvas: &mut Canvas, panel: &Panel, area: &Area) {
    canvas.push(&format!(
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"4\" fill=\"none\" \
         stroke=\"{GREY}\" stroke-opacity=\"0.35\"/>",
        area.left,
        area.top,
        area.right - area.left,
        area.bottom - area.top
    ));
    // Small ones have two lines for it.
    let room = ((area.right - area.left - 16.0) / 7.2) as usize;
    let lines = wrapped(&panel.title, room);
    for (place, line) in lines.iter().enumerate() {
        let y = area.top + 18.0 + 14.0 * place as f64;
        let style = "font-weight=\"600\" font-size=\"12\"";
        canvas.styled(area.left + 10.0, y, "start", style, line);
    }
}

fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().unwrap();
        if last.is_empty() {
            word.clone_into(last);
        } else if last.chars().count() + 1 + word.chars().count() <= room {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn last(series: &Named) -> f64 {
    series.points.last().map_or(0.0, |(_, value)| *value)
}

fn number(canvas: &mut Canvas, panel: &Panel, series: &[Named], area: &Area) {
    let text = series
        .first()
        .map(|series| shown(last(series), &panel.unit));
    let style = format!(
        "font-size=\"26\" font-weight=\"600\" fill=\"{}\"",
        COLOURS[0]
    );
    let (middle, bottom) = ((area.left + area.right) / 2.0, area.bottom - 22.0);
    canvas.styled(middle, bottom, "middle", &style, &text.unwrap_or_default());
}

fn names(canvas: &mut Canvas, series: &[Named], area: &Area) {
    for (place, one) in series.iter().enumerate() {
        let y = area.top + 48.0 + 18.0 * place as f64;
        canvas.text(area.left + 10.0, y, "start", &one.name);
        canvas.text(area.right - 10.0, y, "end", &shown(last(one), "short"));
    }
}

/// Time below, with a line where something happened. What is left of the panel for the drawing.
fn time_axis(canvas: &mut Canvas, area: &Area, legend: f64, span: &Span<'_>) -> Area {
    let plot = Area {
        left: area.left + 62.0,
        top: area.top + 34.0,
        right: area.right - 14.0,
        bottom: area.bottom - 24.0 - legend,
    };
    let small = "font-size=\"11\"";
    let mut at = 0.0;
    while at <= span.end - span.start {
        let x = plot.x(span.start + at, span);
        let text = format!("{}:{:02}", at as u64 / 60, at as u64 % 60);
        canvas.styled(x, plot.bottom + 15.0, "middle", small, &text);
        at += 30.0;
    }
    for mark in span.marks {
        let x = plot.x(mark.at, span);
        canvas.push(&format!(
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{GREY}\" stroke-opacity=\"0.7\" \
             stroke-dasharray=\"2 3\"/>",
            plot.top, plot.bottom
        ));
        canvas.styled(
            x,
            plot.top - 3.0,
            "middle",
            "font-size=\"10\"",
            &mark.letter.to_string(),
        );
    }
    plot
}

fn lines_over_time(
    canvas: &mut Canvas,
    panel: &Panel,
    series: &[Named],
    area: &Area,
    span: &Span<'_>,
) {
    let entries = legend_lines(series, area);
    let plot = time_axis(canvas, area, 16.0 * entries.len() as f64, span);
    let values = series
        .iter()
        .flat_map(|one| one.points.iter().map(|(_, value)| *value));
    let (top, step) = axis(values.fold(0.0, f64::max));
    let mut value = 0.0;
    while value <= top * 1.001 {
        let y = plot.y(value / top);
        canvas.push(&format!(
            "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{GREY}\" stroke-opacity=\"0.25\"/>",
            plot.left, plot.right
        ));
        let text = shown(value, &panel.unit);
        canvas.styled(plot.left - 6.0, y + 4.0, "end", "font-size=\"11\"", &text);
        value += step;
    }
    for (place, one) in series.iter().enumerate() {
        let colour = COLOURS[place % COLOURS.len()];
        for part in unbroken(&one.points, span.step) {
            let points: Vec<String> = part
                .iter()
                .map(|(at, value)| format!("{:.1},{:.1}", plot.x(*at, span), plot.y(value / top)))
                .collect();
            canvas.push(&format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" \
                 stroke-linejoin=\"round\" stroke-linecap=\"round\"/>",
                points.join(" ")
            ));
        }
    }
    for (line, entries) in entries.iter().enumerate() {
        let y = plot.bottom + 33.0 + 16.0 * line as f64;
        for (x, place, name) in entries {
            let colour = COLOURS[place % COLOURS.len()];
            canvas.push(&format!(
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"12\" height=\"3\" rx=\"1\" fill=\"{colour}\"/>",
                y - 5.0
            ));
            canvas.styled(x + 17.0, y, "start", "font-size=\"11\"", name);
        }
    }
}

/// Where there was nothing for a while, a line ends.
fn unbroken(points: &[(f64, f64)], step: f64) -> Vec<Vec<(f64, f64)>> {
    let mut parts: Vec<Vec<(f64, f64)>> = Vec::new();
    for point in points {
        match parts.last_mut() {
            Some(part) if point.0 - part[part.len() - 1].0 < step * 1.5 => part.push(*point),
            _ => parts.push(vec![*point]),
        }
    }
    parts
}

/// The legend, line by line: where each name begins, and of which series it is.
fn legend_lines(series: &[Named], area: &Area) -> Vec<Vec<(f64, usize, String)>> {
    let mut lines: Vec<Vec<(f64, usize, String)>> = vec![Vec::new()];
    let mut x = area.left + 14.0;
    for (place, one) in series.iter().enumerate().take(MOST_IN_A_LEGEND) {
        let letters = one.name.chars();
        let large = letters
            .clone()
            .filter(|letter| letter.is_uppercase())
            .count();
        let wide = 30.0 + LETTER * letters.count() as f64 + 2.0 * large as f64;
        if x + wide > area.right && x > area.left + 14.0 {
            lines.push(Vec::new());
            x = area.left + 14.0;
        }
        lines.last_mut().unwrap().push((x, place, one.name.clone()));
        x += wide;
    }
    lines
}

/// Each bucket is a line of cells, the darker the more there were. The buckets count what is below their bound, so that
/// each has those of the one before taken away.
fn heat(canvas: &mut Canvas, panel: &Panel, series: &[Named], area: &Area, span: &Span<'_>) {
    let used = series.iter().filter(|bucket| bound(bucket).is_finite());
    let mut buckets: Vec<&Named> = used.collect();
    let total = |bucket: &Named| bucket.points.iter().map(|(_, value)| value).sum::<f64>();
    // Above the first that has all, there is nothing.
    let all = series.iter().map(total).fold(0.0, f64::max);
    let last = buckets
        .iter()
        .position(|bucket| total(bucket) >= all * 0.9999);
    buckets.truncate(last.map_or(buckets.len(), |last| last + 1));
    let plot = time_axis(canvas, area, 0.0, span);
    let high = (plot.bottom - plot.top) / buckets.len() as f64;
    let at = |bucket: &Named, time: f64| {
        let near = bucket
            .points
            .iter()
            .find(|(when, _)| (when - time).abs() < 0.01);
        near.map_or(0.0, |(_, value)| *value)
    };
    let mut cells = Vec::new();
    for (line, bucket) in buckets.iter().enumerate() {
        for (when, value) in &bucket.points {
            let below = if line == 0 {
                0.0
            } else {
                at(buckets[line - 1], *when)
            };
            cells.push((line, *when, (value - below).max(0.0)));
        }
    }
    let most = cells
        .iter()
        .map(|(_, _, value)| *value)
        .fold(0.0, f64::max)
        .max(1.0);
    let wide = (plot.right - plot.left) / ((span.end - span.start) / span.step);
    for (line, when, value) in cells.into_iter().filter(|(_, _, value)| *value > 0.0) {
        canvas.push(&format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\" fill-opacity=\"{:.2}\"/>",
            plot.x(when, span) - wide,
            plot.bottom - high * (line + 1) as f64,
            wide + 0.2,
            high - 1.0,
            COLOURS[0],
            (value / most).sqrt().max(0.06)
        ));
    }
    for (line, bucket) in buckets.iter().enumerate() {
        let y = plot.bottom - high * (line as f64 + 0.5) + 4.0;
        let text = format!("≤ {}", shown(bound(bucket), &panel.unit));
        canvas.styled(plot.left - 6.0, y, "end", "font-size=\"11\"", &text);
    }
}
