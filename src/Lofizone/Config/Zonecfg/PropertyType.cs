namespace Lofizone.Config.Zonecfg;

/// <summary>A property of a resource.</summary>
/// <param name="Name">Name in the user's spelling.</param>
/// <param name="Syntax">Form of a value, for help.</param>
/// <param name="Meaning">Purpose of the property, for help.</param>
/// <param name="Check">Returns null, or the fault of a value.</param>
internal sealed record PropertyType(string Name, string Syntax, string Meaning, Func<string, string?> Check)
{
    public bool Required { get; init; }

    /// <summary>The value of a property that is not set; null for none.</summary>
    public string? Default { get; init; }

    /// <summary>Brings a sound value into the form for keeping and printing.</summary>
    public Func<string, string> Normalize { get; init; } = value => value;

    /// <summary>The value to keep for the user's text.</summary>
    /// <exception cref="LofizoneException">The text is not a value of this property.</exception>
    public string Read(string value, string where) =>
        Check(value) is { } problem ? throw new LofizoneException($"{where}{Name}: {problem}") : Normalize(value);
}
