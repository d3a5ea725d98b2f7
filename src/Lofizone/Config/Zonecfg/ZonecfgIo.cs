namespace Lofizone.Config.Zonecfg;

/// <summary>Zonecfg's connection to the person or program that uses it.</summary>
public abstract class ZonecfgIo
{
    /// <summary>
    /// True when a user sits at a terminal. Then prompts are shown, questions can be asked, and an error does not end the session.
    /// </summary>
    public abstract bool IsInteractive { get; }

    public abstract TextWriter Out { get; }

    public abstract TextWriter Error { get; }

    /// <summary>
    /// The next line without its end; null at the end of the input. The prompt is shown only when <see cref="IsInteractive"/> is true.
    /// </summary>
    public abstract Task<string?> ReadLineAsync(string prompt, CancellationToken cancellation);

    /// <summary>Writes the file that <c>export -f</c> names.</summary>
    public virtual Task WriteFileAsync(string path, string content, CancellationToken cancellation) =>
        File.WriteAllTextAsync(path, content, cancellation);
}
