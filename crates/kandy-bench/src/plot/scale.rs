//! Scales: from values to places on an axis, and the ticks of the axis.
//!
//! Depends on nothing. Begin with `Scale`.

/// Values further apart than this factor are shown on a logarithmic axis.
const WIDE: f64 = 4.0;

/// An axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    values: (f64, f64),
    places: (f64, f64),
    is_log: bool,
}

impl Scale {
    /// Creates a scale from zero to the largest value.
    pub(super) fn from_zero(largest: f64, places: (f64, f64)) -> Self {
        let largest = if largest > 0.0 { largest } else { 1.0 };
        Self { values: (0.0, largest), places, is_log: false }
    }

    /// Creates a logarithmic scale of positive values.
    pub(super) fn log(values: (f64, f64), places: (f64, f64)) -> Self {
        Self { values: widened(values), places, is_log: true }
    }

    /// Creates a scale with room for all values, logarithmic if they are far apart.
    pub(super) fn around(values: impl Iterator<Item = f64> + Clone, places: (f64, f64)) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(f64::NEG_INFINITY, f64::max);
        let (least, most) = widened((least, most));
        if least > 0.0 && most / least > WIDE {
            let room = (most / least).powf(0.05);
            return Self { values: (least / room, most * room), places, is_log: true };
        }
        let room = 0.06 * (most - least);
        Self { values: (least - room, most + room), places, is_log: false }
    }

    pub(super) fn is_log(&self) -> bool {
        self.is_log
    }

    /// Returns the place of a value, within the axis.
    pub(super) fn place(&self, value: f64) -> f64 {
        let (least, most) = self.values;
        let share = match self.is_log {
            true => (value / least).ln() / (most / least).ln(),
            false => (value - least) / (most - least),
        };
        // What is no number is at the start.
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self.places.0 + share * (self.places.1 - self.places.0)
    }

    /// Returns some round values.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let (least, most) = self.values;
        if self.is_log {
            let powers = least.log10().floor() as i32..=most.log10().ceil() as i32;
            // Fewer of each power where there are many powers.
            let digits: &[f64] = match most / least {
                wide if wide > 1e3 => &[1.0],
                wide if wide > 30.0 => &[1.0, 2.0, 5.0],
                _ => &[1.0, 2.0, 3.0, 5.0, 7.0],
            };
            let ticks = powers.flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power)));
            return ticks.filter(|tick| (least..=most).contains(tick)).collect();
        }
        let rough = (most - least) / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|digit| digit * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let (first, last) = ((least / step).ceil() as i64, (most / step).floor() as i64);
        (first..=last).map(|tick| tick as f64 * step).collect()
    }
}

/// Returns a range that is not empty.
fn widened((least, most): (f64, f64)) -> (f64, f64) {
    match least < most {
        true => (least, most),
        false if least > 0.0 && least.is_finite() => (least * 0.9, least * 1.1),
        false => (0.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: (f64, f64) = (100.0, 200.0);

    #[test]
    fn values_are_between_the_ends() {
        let scale = Scale::around([0.9, 1.1].into_iter(), PLACES);
        assert!(!scale.is_log());
        assert!((scale.place(1.0) - 150.0).abs() < 1e-9);
        assert_eq!((scale.place(-9.0), scale.place(9.0), scale.place(f64::NAN)), (100.0, 200.0, 100.0));
        let ticks: Vec<_> = scale.ticks().iter().map(|tick| format!("{tick:.2}")).collect();
        assert_eq!(ticks, ["0.90", "0.95", "1.00", "1.05", "1.10"]);
    }

    #[test]
    fn values_far_apart_are_logarithmic() {
        let scale = Scale::around([0.5, 8.0].into_iter(), PLACES);
        assert!(scale.is_log());
        assert!((scale.place(2.0) - 150.0).abs() < 1e-9);
        let ticks: Vec<_> = scale.ticks().iter().map(|tick| format!("{tick:.1}")).collect();
        assert_eq!(ticks, ["0.5", "0.7", "1.0", "2.0", "3.0", "5.0", "7.0"]);
        assert_eq!(Scale::log((1.0, 1e6), PLACES).ticks(), [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6]);
    }

    #[test]
    fn one_value_and_none_have_an_axis_too() {
        for values in [&[1.0][..], &[0.0], &[], &[f64::INFINITY]] {
            let scale = Scale::around(values.iter().copied(), PLACES);
            assert!((100.0..=200.0).contains(&scale.place(1.0)), "{values:?}");
            assert!(!scale.ticks().is_empty(), "{values:?}");
        }
        assert_eq!(Scale::from_zero(0.0, PLACES).place(0.0), 100.0);
    }
}
