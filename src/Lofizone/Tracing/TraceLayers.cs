namespace Lofizone.Tracing;

/// <summary>Layers whose messages are all traced.</summary>
[Flags]
public enum TraceLayers
{
    None = 0,

    /// <summary>Calls to the server and their replies.</summary>
    Nfs = 1,

    /// <summary>Requests of the kernel and their replies.</summary>
    Fuse = 2,
}

/// <summary>The layers in the users' spelling.</summary>
public static class TraceLayersText
{
    /// <summary>Environment variable with the layers that each started engine traces from its start.</summary>
    public const string Variable = "LOFIZONE_TRACE";

    /// <summary>The possible values.</summary>
    public const string Choices = "nfs, fuse, nfs,fuse or off";

    /// <summary>The layers that the environment asks for; none when the variable is missing or empty.</summary>
    /// <exception cref="LofizoneException">The variable has another value.</exception>
    public static TraceLayers FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text
        ? TraceLayers.None
        : TryParse(text) ?? throw new LofizoneException(Wrong(text), $"set {Variable} to {Choices}, or unset it");

    /// <summary>Parses a text; null when the text is not one of <see cref="Choices"/>.</summary>
    public static TraceLayers? TryParse(string text)
    {
        TraceLayers layers = TraceLayers.None;
        if (text == "off")
            return layers;
        foreach (string word in text.Split(','))
        {
            if (word == "nfs")
                layers |= TraceLayers.Nfs;
            else if (word == "fuse")
                layers |= TraceLayers.Fuse;
            else
                return null;
        }

        return layers;
    }

    /// <summary>The layers in the form that <see cref="TryParse"/> takes.</summary>
    public static string Text(this TraceLayers layers) => layers switch
    {
        TraceLayers.None => "off",
        TraceLayers.Nfs => "nfs",
        TraceLayers.Fuse => "fuse",
        _ => "nfs,fuse",
    };

    /// <summary>The message about a wrong value of <see cref="Variable"/>.</summary>
    public static string Wrong(string value) => $"{Variable}={value}: no layers to trace";
}
