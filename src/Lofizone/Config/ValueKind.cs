using System.Globalization;

namespace Lofizone.Config;

/// <summary>Form of a property's value in zone.json.</summary>
public enum JsonForm
{
    Text,
    Number,
    Boolean,

    /// <summary>A list of texts. zonecfg writes the list with commas between the texts.</summary>
    List,
}

/// <summary>A kind of value: its syntax, its rule, and its forms. Every value is kept as the text that zonecfg prints.</summary>
/// <param name="Syntax">Form of a value, for help.</param>
/// <param name="Check">Returns null, or the fault of a value in words that fit behind "PROPERTY: ".</param>
/// <param name="Examples">Sound values in the form for keeping; the first of them stands in help texts and the schema.</param>
public sealed record ValueKind(string Syntax, Func<string, string?> Check, params IReadOnlyList<string> Examples)
{
    public JsonForm Json { get; init; } = JsonForm.Text;

    /// <summary>True for values that stand in brackets or parentheses, as lists do.</summary>
    public bool TakesLists { get; init; }

    /// <summary>The only values; empty when others are allowed, too.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The least and the largest number; null for a value that is no number.</summary>
    public (long Least, long Most)? Range { get; init; }

    /// <summary>
    /// What a value of a zone was taken for, when that is not plain from the value; null for nothing to tell. Throws <see
    /// cref="LofizoneException"/> for a value of another zone.
    /// </summary>
    public Func<string, string, string?> Told { get; init; } = (_, _) => null;

    /// <summary>Brings a sound value into the form for keeping and printing.</summary>
    public Func<string, string> Normalize { get; init; } = value => value;

    public static ValueKind Boolean { get; } = OneOf("true", "false") with
    {
        Json = JsonForm.Boolean,
        Check = v => v is "true" or "false" ? null : $"'{SafeText.Text(v)}' is not true or false",
    };

    public static ValueKind OneOf(params IReadOnlyList<string> words) =>
        new(string.Join(" | ", words), v => PropertyChecks.OneOf(v, words), words) { Words = words };

    /// <summary>A whole number.</summary>
    public static ValueKind Count(long least, long most) => new("<number>", v => CountFault(v, least, most), Text(least), Text(most))
    {
        Json = JsonForm.Number,
        Range = (least, most),
        Normalize = v => Text(long.Parse(v, NumberStyles.None, CultureInfo.InvariantCulture)),
    };

    /// <summary>A size in bytes (<see cref="ByteSize"/>).</summary>
    public static ValueKind Size(long least, long most) =>
        new("<number>[k|m|g|t]", v => SizeFault(v, least, most), ByteSize.Format(least), ByteSize.Format(most))
        {
            Normalize = v => ByteSize.Format(ByteSize.TryParse(v)!.Value),
        };

    /// <summary>A list. Zonecfg writes its items with commas between them.</summary>
    public static ValueKind ListOf(string syntax, Func<string, string?> check, params IReadOnlyList<string> examples) =>
        new(
            syntax,
            v => Items(v) is var items && items.Count > MaxItems ? $"{items.Count} values, at most {MaxItems} are allowed"
                : items.Distinct().Count() < items.Count ? "it holds a value twice"
                : items.Select(check).FirstOrDefault(fault => fault is not null),
            examples)
        {
            Json = JsonForm.List,
            TakesLists = true,
            Normalize = v => string.Join(',', Items(v)),
        };

    /// <summary>Largest number of items in a list.</summary>
    public const int MaxItems = 64;

    /// <summary>The items of a list's text, which may stand in brackets.</summary>
    public static IReadOnlyList<string> Items(string list) => list.TrimStart('[').TrimEnd(']').Split(',', StringSplitOptions.TrimEntries);

    private static string? CountFault(string value, long least, long most)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            return $"'{SafeText.Text(value)}' is no whole number";
        return number < least || number > most ? $"{number} is not from {least} to {most}" : null;
    }

    private static string? SizeFault(string value, long least, long most)
    {
        if (ByteSize.TryParse(value) is not { } bytes)
            return $"'{SafeText.Text(value)}' is no size: write {ByteSize.Forms}";
        return bytes < least || bytes > most
            ? $"{ByteSize.Format(bytes)} is not from {ByteSize.Format(least)} to {ByteSize.Format(most)}"
            : null;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
