using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lofizone;

/// <summary>
/// Text that another party wrote: on a share, or at the other end of a connection. The text can be compared, and written back unchanged.
/// Printed, the text is bounded, of one line and harmless to a terminal. Text that is more than one plain word is printed in quotes, so
/// that a reader never takes it for this program's words.
/// </summary>
[JsonConverter(typeof(ForeignTextJson))]
public readonly record struct ForeignText
{
    private readonly string? _text;

    public ForeignText(string text) => _text = text;

    /// <summary>Converts any text. Only <see cref="Raw"/> converts back.</summary>
    public static implicit operator ForeignText(string text) => new(text);

    /// <summary>The original text, for comparing and parsing. Never printed.</summary>
    public string Raw => _text ?? "";

    public int Length => Raw.Length;

    public bool IsEmpty => Raw.Length == 0;

    /// <summary>True for one plain word, such as the name of a host or of a package.</summary>
    public bool IsWord => Raw.Length is > 0 and <= SafeText.MaxLength && !Raw.StartsWith('-')
        && Raw.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '+' or '~' or '@');

    public bool Equals(ForeignText other) => Raw == other.Raw;

    public override int GetHashCode() => Raw.GetHashCode(StringComparison.Ordinal);

    /// <summary>The text in a form that is safe for a message.</summary>
    public override string ToString() => IsWord ? Raw : $"'{SafeText.Text(Raw).Replace('\'', '?')}'";
}

/// <summary>Reads and writes the text as a JSON string.</summary>
public sealed class ForeignTextJson : JsonConverter<ForeignText>
{
    public override ForeignText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new ForeignText(reader.GetString()!) : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, ForeignText value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Raw);
}
