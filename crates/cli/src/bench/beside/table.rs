//! A row of the table: pairs of measurements, how they compare, and whether that is good enough.

use serde_json::{Value, json};

use crate::bench::median;

/// What is measured, and which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Operations a second: more is better.
    Throughput,
    /// Milliseconds from the start to the first answer: fewer are better.
    Start,
    /// MiB of resident memory: fewer are better.
    Memory,
}

impl Quantity {
    /// How many times better than Apache ZooKeeper this project aims to be.
    fn at_least(self) -> f64 {
        match self {
            Quantity::Throughput => 1.0,
            Quantity::Start => 100.0,
            Quantity::Memory => 10.0,
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Quantity::Throughput => "operations a second",
            Quantity::Start => "ms",
            Quantity::Memory => "MiB",
        }
    }

    /// How many times better ours is.
    fn ratio(self, ours: f64, apache: f64) -> f64 {
        match self {
            Quantity::Throughput => ours / apache,
            Quantity::Start | Quantity::Memory => apache / ours,
        }
    }
}

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    what: String,
    quantity: Quantity,
    ours: f64,
    apache: f64,
    ratio: f64,
    lowest: f64,
    highest: f64,
}

impl Row {
    /// From pairs of measurements, ours first. Each pair was taken in one go, so what the machine did meanwhile cancels
    /// in its ratio; the median of those ratios is the figure.
    ///
    /// # Panics
    /// If there are none.
    pub(super) fn new(what: String, quantity: Quantity, pairs: &[(f64, f64)]) -> Row {
        let ratios: Vec<f64> = pairs.iter().map(|(ours, apache)| quantity.ratio(*ours, *apache)).collect();
        Row {
            what,
            quantity,
            ours: median(pairs.iter().map(|(ours, _)| *ours).collect()),
            apache: median(pairs.iter().map(|(_, apache)| *apache).collect()),
            lowest: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            highest: ratios.iter().copied().fold(0.0, f64::max),
            ratio: median(ratios),
        }
    }

    /// Whether it is as good as it aims to be.
    pub(super) fn holds(&self) -> bool {
        self.ratio >= self.quantity.at_least()
    }

    fn verdict(&self) -> &'static str {
        if self.holds() { "holds" } else { "misses" }
    }

    /// A line of the table whose head is [`HEAD`].
    pub(super) fn line(&self) -> String {
        let Row { what, ours, apache, ratio, lowest, highest, quantity } = self;
        let places = if *quantity == Quantity::Throughput { 0 } else { 1 };
        let (unit, bound, verdict) = (quantity.unit(), quantity.at_least(), self.verdict());
        format!(
            "| {what} | {ours:.places$} | {apache:.places$} | {unit} | {ratio:.2} | {lowest:.2} to {highest:.2} | ≥ \
             {bound:.0} | {verdict} |"
        )
    }

    /// The same as an object.
    pub(super) fn json(&self, durable: bool) -> Value {
        let round = |figure: f64| (figure * 1_000.0).round() / 1_000.0;
        json!({
            "what": self.what, "unit": self.quantity.unit(), "durable": durable,
            "ours": round(self.ours), "apache": round(self.apache),
            "ratio": round(self.ratio), "lowest": round(self.lowest), "highest": round(self.highest),
            "at_least": self.quantity.at_least(), "verdict": self.verdict(),
        })
    }
}

/// The head of the table.
pub(super) const HEAD: &str = "| what | ours | Apache | in | times better | from round to round | aim | |\n\
                               |---|---|---|---|---|---|---|---|";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_that_both_see_cancels() {
        let row = Row::new("get".into(), Quantity::Throughput, &[(200.0, 100.0), (20.0, 10.0), (2.0, 1.0)]);
        assert_eq!((row.ratio, row.lowest, row.highest), (2.0, 2.0, 2.0));
        assert_eq!((row.ours, row.apache), (20.0, 10.0));
        assert!(row.holds());
    }

    #[test]
    fn fewer_milliseconds_and_mebibytes_are_better() {
        let start = |ours| Row::new("start".into(), Quantity::Start, &[(ours, 1_000.0)]);
        assert!(start(10.0).holds() && !start(10.1).holds());
        let memory = |ours| Row::new("memory".into(), Quantity::Memory, &[(ours, 1_000.0)]);
        assert!(memory(100.0).holds() && !memory(101.0).holds());
    }

    #[test]
    fn equal_is_not_slower() {
        let row = Row::new("set".into(), Quantity::Throughput, &[(100.0, 100.0)]);
        assert!(row.holds());
        assert_eq!(row.line(), "| set | 100 | 100 | operations a second | 1.00 | 1.00 to 1.00 | ≥ 1 | holds |");
        assert_eq!(row.json(true)["verdict"], "holds");
        let slower = Row::new("set".into(), Quantity::Throughput, &[(99.0, 100.0)]);
        assert!(slower.line().ends_with("misses |"));
    }
}
