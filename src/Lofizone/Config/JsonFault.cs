using System.Text.Json;

namespace Lofizone.Config;

/// <summary>
/// The fault of JSON that another party wrote. The serializer's own message quotes the file and names the place by the file's own names, so
/// it must be made safe.
/// </summary>
internal static class JsonFault
{
    /// <summary>The fault in words that are safe for a message.</summary>
    public static string Words(JsonException error)
    {
        // The serializer appends path and position. Only the line helps a reader.
        string reason = SafeText.Line(error.Message.Split(" Path: ", 2)[0].Split(" LineNumber: ", 2)[0]);
        return error.LineNumber is { } number ? $"line {number + 1}: {reason}" : reason;
    }
}
