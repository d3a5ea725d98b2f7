namespace Lofizone.Nfs.Options;

/// <summary>The operations that may go together in one COMPOUND. Each value includes the values before it.</summary>
public enum NfsPacking
{
    /// <summary>Every READ and WRITE goes alone.</summary>
    None,

    /// <summary>Several READs.</summary>
    Reads,

    /// <summary>Several READs and WRITEs, also mixed.</summary>
    All,
}
