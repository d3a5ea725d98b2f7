namespace Lofizone.Nfs.Options;

/// <summary>What may go together in one COMPOUND; each includes the one before it.</summary>
public enum NfsPacking
{
    /// <summary>Every READ and WRITE goes alone.</summary>
    None,

    /// <summary>Several READs.</summary>
    Reads,

    /// <summary>Several READs and WRITEs, also mixed.</summary>
    All,
}
