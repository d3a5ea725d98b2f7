namespace Lofizone.Measures;

/// <summary>Short durations for people: three digits and a unit.</summary>
public static class DurationText
{
    public static string Of(double nanoseconds) => nanoseconds switch
    {
        <= 0 => "-",
        < 1e3 => $"{nanoseconds:0}ns",
        < 99.5e3 => $"{nanoseconds / 1e3:0.0}us",
        < 1e6 => $"{nanoseconds / 1e3:0}us",
        < 99.5e6 => $"{nanoseconds / 1e6:0.0}ms",
        < 1e9 => $"{nanoseconds / 1e6:0}ms",
        _ => $"{nanoseconds / 1e9:0.0}s",
    };
}
