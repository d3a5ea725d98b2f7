using System.Text;

namespace Lofizone.Runtime;

/// <summary>The last lines of a zone's console, from the log that conmon writes: <c>TIME STREAM F|P TEXT</c>.</summary>
public static class ConsoleTail
{
    /// <summary>Limit for the part of the log that is read, bytes.</summary>
    private const int ReadLimitBytes = 16 << 10;

    private const int LineLimit = 5;
    private const char Escape = '\e';

    /// <summary>The log's present length, bytes. The output of the next boot begins there.</summary>
    public static long Length(string log) => File.Exists(log) ? new FileInfo(log).Length : 0;

    /// <summary>The zone's output since the log had the given length, safe for a message.</summary>
    public static IReadOnlyList<string> Since(string log, long from)
    {
        if (!File.Exists(log))
            return [];
        using FileStream file = File.OpenRead(log);
        // conmon begins the file anew when the file is full.
        file.Position = Math.Max(from <= file.Length ? from : 0, file.Length - ReadLimitBytes);
        byte[] bytes = new byte[Math.Min(ReadLimitBytes, file.Length - file.Position)];
        int count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Lines(Encoding.UTF8.GetString(bytes, 0, count));
    }

    internal static IReadOnlyList<string> Lines(string log)
    {
        IEnumerable<string> texts = log.Split('\n').Select(l => l.Split(' ', 4)).Where(f => f.Length == 4)
            .Select(f => SafeText.Text(WithoutSequences(f[3]).Trim()));
        return [.. texts.Where(t => t.Length > 0).TakeLast(LineLimit)];
    }

    /// <summary>
    /// The text without the colours and cursor movements of ECMA-48 (ESC [ … letter). <see cref="SafeText"/> handles the other control
    /// characters.
    /// </summary>
    internal static string WithoutSequences(string text)
    {
        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == Escape && i + 1 < text.Length && text[i + 1] == '[')
            {
                i += 2;
                while (i < text.Length && text[i] is < '@' or > '~')
                    i++;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
