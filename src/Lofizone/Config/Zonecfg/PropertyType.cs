namespace Lofizone.Config.Zonecfg;

/// <summary>A property of a resource.</summary>
/// <param name="Name">As the user writes it.</param>
/// <param name="Syntax">What a value looks like, for help.</param>
/// <param name="Meaning">What it is for, for help.</param>
/// <param name="Check">Answers null or what is wrong with a value.</param>
internal sealed record PropertyType(string Name, string Syntax, string Meaning, Func<string, string?> Check)
{
    public bool Required { get; init; }

    /// <summary>The value when none is set, or null.</summary>
    public string? Default { get; init; }

    /// <summary>Brings a sound value into the form in which it is kept and printed.</summary>
    public Func<string, string> Normalize { get; init; } = value => value;

    /// <summary>The value to keep for what the user wrote.</summary>
    /// <exception cref="LofizoneException">It is no value of this property.</exception>
    public string Read(string value, string where) =>
        Check(value) is { } problem ? throw new LofizoneException($"{where}{Name}: {problem}") : Normalize(value);
}
