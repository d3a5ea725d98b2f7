using System.Text.Json;

namespace Lofizone.Config;

/// <summary>
/// What is wrong with JSON that others wrote. The serializer's own words quote the file, and name the path to the place by the file's
/// names.
/// </summary>
internal static class JsonFault
{
    /// <summary>In words fit for a message.</summary>
    public static string Words(JsonException error)
    {
        // The serializer appends path and position; only the line is of use to a reader.
        string reason = Shown.Line(error.Message.Split(" Path: ", 2)[0].Split(" LineNumber: ", 2)[0]);
        return error.LineNumber is { } number ? $"line {number + 1}: {reason}" : reason;
    }
}
