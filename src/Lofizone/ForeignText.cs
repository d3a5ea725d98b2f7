using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lofizone;

/// <summary>
/// Text that others wrote: on a share, or at the other end of a connection. It can be compared, and written back as it is; printed it is
/// bounded, of one line and harmless to a terminal, and in quotes as soon as it is more than one plain word, so that it never passes for
/// words of ours.
/// </summary>
[JsonConverter(typeof(ForeignTextJson))]
public readonly record struct ForeignText
{
    private readonly string? _text;

    public ForeignText(string text) => _text = text;

    /// <summary>Any text may be taken for a foreign one; there is no way back but <see cref="Raw"/>.</summary>
    public static implicit operator ForeignText(string text) => new(text);

    /// <summary>As it was written: to be compared or parsed, never to be shown.</summary>
    public string Raw => _text ?? "";

    public int Length => Raw.Length;

    public bool IsEmpty => Raw.Length == 0;

    /// <summary>True for one plain word, such as the name of a host or of a package.</summary>
    public bool IsWord => Raw.Length is > 0 and <= Shown.MaxLength && !Raw.StartsWith('-')
        && Raw.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '+' or '~' or '@');

    public bool Equals(ForeignText other) => Raw == other.Raw;

    public override int GetHashCode() => Raw.GetHashCode(StringComparison.Ordinal);

    /// <summary>Fit for a message.</summary>
    public override string ToString() => IsWord ? Raw : $"'{Shown.Text(Raw).Replace('\'', '?')}'";
}

/// <summary>In JSON it is a string like any other.</summary>
public sealed class ForeignTextJson : JsonConverter<ForeignText>
{
    public override ForeignText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? new ForeignText(reader.GetString()!) : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, ForeignText value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Raw);
}
