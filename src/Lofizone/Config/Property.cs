namespace Lofizone.Config;

/// <summary>The time at which a changed property counts for a zone that is running.</summary>
public enum ChangeTime
{
    /// <summary>The next command that asks for the property: nothing in the running zone depends on the value.</summary>
    AtOnce,

    /// <summary>At once, by <c>zonecfg -r</c>, <c>zoneadm apply</c> or <c>zone set</c>.</summary>
    Live,

    /// <summary>The next boot.</summary>
    NextBoot,

    /// <summary>Never while the zone is installed: the property tells the place or the content of the zone's root.</summary>
    NextInstall,
}

/// <summary>The systems whose zonecfg has a property.</summary>
public enum PropertyOrigin
{
    Both,
    Solaris,
    Illumos,
    Lofizone,
}

/// <summary>
/// One property of zonecfg. The command line, help, completion, checks, zone.json and the documents follow from this entry.
/// </summary>
/// <param name="Name">Name in the user's spelling.</param>
/// <param name="Kind">Kind of its values.</param>
/// <param name="Meaning">Purpose of the property, for help.</param>
public record Property(string Name, ValueKind Kind, string Meaning)
{
    public bool Required { get; init; }

    /// <summary>The value of a property that is not set; null for none.</summary>
    public string? Default { get; init; }

    public ChangeTime Change { get; init; } = ChangeTime.NextBoot;

    /// <summary>The systems that have a property of this name.</summary>
    public PropertyOrigin Origin { get; init; } = PropertyOrigin.Both;

    /// <summary>The difference from the property of these systems; null for none.</summary>
    public string? Differs { get; init; }

    /// <summary>The reason why the property can't be set on Linux; null for a property with an effect.</summary>
    public string? Refusal { get; init; }

    /// <summary>True for a property whose default is its only value.</summary>
    public bool IsAlwaysDefault => Default is not null && Kind.Examples is [var only] && only == Default;

    /// <summary>The value to keep for the user's text.</summary>
    /// <param name="value">The user's text.</param>
    /// <param name="where">Words in front of the property's name, for messages.</param>
    /// <exception cref="LofizoneException">The text is not a value of this property.</exception>
    public string Read(string value, string where) =>
        Fault(value) is { } fault ? throw new LofizoneException($"{where}{Name}: {fault}") : Kind.Normalize(value);

    /// <summary>Null, or the fault of a value in words that fit behind "PROPERTY: ".</summary>
    public string? Fault(string value) => Refusal is not null ? $"can't be set: {Refusal}" : Kind.Check(value);
}
