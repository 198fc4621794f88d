//! What metrics are to say: a name, perhaps some labels, and a bound.

use std::fmt;
use std::str::FromStr;

/// `leasehold_dead_letters{state="open"} > 0`. What has no series is 0.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Test {
    name: String,
    labels: Vec<String>,
    sign: String,
    bound: f64,
}

impl Test {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the sum of all series that it is about keeps to the bound.
    pub(crate) fn holds(&self, metrics: &str) -> bool {
        // Where nobody answers, nothing is said; that is not 0.
        if metrics.is_empty() {
            return false;
        }
        let sum: f64 = metrics.lines().filter_map(|line| self.value(line)).sum();
        match self.sign.as_str() {
            ">" => sum > self.bound,
            "<" => sum < self.bound,
            _ => (sum - self.bound).abs() < f64::EPSILON,
        }
    }

    fn value(&self, line: &str) -> Option<f64> {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let is_meant = name == self.name && self.labels.iter().all(|label| labels.contains(label));
        is_meant.then(|| value.parse().ok()).flatten()
    }
}

impl FromStr for Test {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "write NAME{label=\"value\"} > 0, with >, < or ==";
        let mut words = text.rsplitn(3, ' ');
        let bound = words
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or(SHAPE)?;
        let sign = words.next().filter(|sign| [">", "<", "=="].contains(sign));
        let series = words.next().ok_or(SHAPE)?;
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').ok_or(SHAPE)?;
        Ok(Self {
            name: name.to_owned(),
            labels: labels
                .split(',')
                .filter(|label| !label.is_empty())
                .map(str::to_owned)
                .collect(),
            sign: sign.ok_or(SHAPE)?.to_owned(),
            bound,
        })
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.labels.join(",");
        write!(f, "{}{{{labels}}} {} {}", self.name, self.sign, self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_about_what_it_names() {
        let metrics = "a_total{x=\"1\",y=\"2\"} 3\na_total{x=\"2\"} 4\nb 0.5\n";
        for (test, holds) in [
            ("a_total > 6", true),
            ("a_total{x=\"1\"} == 3", true),
            ("a_total{x=\"3\"} == 0", true),
            ("b < 0.5", false),
            ("a == 0", true),
        ] {
            assert_eq!(
                test.parse::<Test>().unwrap().holds(metrics),
                holds,
                "{test}"
            );
        }
        assert!(!"a == 0".parse::<Test>().unwrap().holds(""));
        assert!("a 3".parse::<Test>().is_err());
        assert!("a >= 3".parse::<Test>().is_err());
    }
}
